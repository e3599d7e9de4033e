"""The pages that the browser tests open, by the name of their address; `{…}` is a key of a row."""

READING = {
    "panoramica": "/",
    "struttura": "/programma/struttura/",
    "asse": "/programma/assi/II/",
    "priorita": "/programma/priorita/9.iv/",
    "obiettivo": "/programma/obiettivi/{obiettivo}/",
    "azione": "/programma/azioni/9.8.1/",
    "iniziative": "/programma/iniziative/",
    "iniziativa": "/programma/iniziative/smart-working/",
    "movimenti_indice": "/programma/movimenti/",
    "movimenti": "/programma/movimenti/impegnate/",
    "movimento": "/programma/movimenti/impegnate/{impegno}/",
    "indicatori": "/programma/indicatori/",
    "destinatari": "/programma/destinatari/",
    "covid": "/programma/covid/",
    "n3": "/programma/n3/",
    "piano": "/programma/piano-finanziario/",
    "quadratura": "/programma/quadratura/",
    "cifra_stampata": "/programma/quadratura/{cifra}/",
    "fonti": "/programma/fonti/",
    "fonte": "/programma/fonti/{fonte}/",
}
WRITING = {
    "movimento_nuovo": "/programma/movimenti/impegnate/nuovo/",
    "movimento_storno": "/programma/movimenti/impegnate/{impegno}/storno/",
    "iniziativa_modifica": "/programma/iniziative/smart-working/modifica/",
    "fonte_ritiro": "/programma/fonti/{fonte}/ritiro/",
}
# Beside the addresses: the same pages in states that look different.
STATES = {
    "panoramica-2020": "/?data=2020-12-31&perimetro=ordinaria",
    "movimenti-filtrati": "/programma/movimenti/liquidate/?asse=II&al=2020-12-31",
    "iniziative-nessuna": "/programma/iniziative/?nome=zzz",
    "n3-simulazione": "/programma/n3/?totale=50.000.000&quota_ue=25.000.000&entro=2021-12-31",
    "cifra-operazione": "/cifre/?f=rapporto(impegnate(al=2021-09-30),dotazione(al=2021-09-30))",
    "cifra-righe": "/cifre/?f=impegnate(al=2021-09-30,asse=I)",
}
# Of the flows and of the CIGD: who opens them, and where.
FLOWS = {
    "flussi": ("operatore", "/flussi/"),
    "flusso": ("operatore", "/flussi/{flusso}/"),
    "flusso-validato": ("operatore", "/flussi/{in_attesa}/"),
    "flusso-lettura": ("controllore", "/flussi/{in_attesa}/"),
    "carica": ("operatore", "/flussi/carica/"),
    "calendario": ("operatore", "/flussi/calendario/"),
    "atteso_nuovo": ("gestore", "/flussi/calendario/nuovo/"),
    "atteso_rimozione": ("gestore", "/flussi/calendario/{atteso}/rimozione/"),
    "fonte": ("operatore", "/flussi/fonti/inps-cigd/"),
}
CIGD = {
    "quadro": ("lettore", "/cigd/"),
    "provincia": ("lettore", "/cigd/province/BG/"),
    "comuni": ("lettore", "/cigd/comuni/"),
    "mesi": ("lettore", "/cigd/mesi/"),
    "per_flusso": ("lettore", "/cigd/per-flusso/"),
    "pagamenti": ("operatore", "/cigd/pagamenti/"),
    "pagamenti-trovati": ("operatore", "/cigd/pagamenti/?flusso={flusso}"),
    "persona": ("controllore", "/cigd/pagamenti/percettore/"),
    "pagamento": ("controllore", "/cigd/pagamenti/{flusso}/{pagamento}/"),
    "certificabile": ("certificatore", "/cigd/certificabile/"),
    "certificabile_flusso": ("certificatore", "/cigd/certificabile/flussi/{flusso}/"),
    "certificabile_controllo": ("certificatore", "/cigd/certificabile/flussi/{flusso}/controllo/"),
    "certificabile_pagamento": ("certificatore", "/cigd/certificabile/pagamento/"),
    "certificabile_spostamento": ("gestore", "/cigd/certificabile/spostamento/"),
    "certificazioni": ("certificatore", "/cigd/certificazioni/"),
    "certificazione_nuova": ("certificatore", "/cigd/certificazioni/nuova/"),
    "tassi": ("certificatore", "/cigd/tassi/"),
    "verifiche": ("controllore", "/cigd/verifiche/"),
    "campione_nuovo": ("controllore", "/cigd/verifiche/nuovo/"),
    "campione": ("controllore", "/cigd/verifiche/{campione}/"),
    "verifica": ("controllore", "/cigd/verifiche/{campione}/{elemento}/"),
    "verifica_registra": ("controllore", "/cigd/verifiche/{campione}/{elemento}/desk/"),
    "cifra-cigd": ("lettore", "/cifre/?f=cigd_pagamenti(azione=9.8.1)"),
}
ADMINISTRATION = {
    "utenti": "/amministrazione/utenti/",
    "utente": "/amministrazione/utenti/{utente}/",
    "utente_nuovo": "/amministrazione/utenti/nuovo/",
    "registro": "/amministrazione/registro/",
}
OPEN = {
    "accesso": "/accesso/login/",
    "password-dimenticata": "/accesso/password/reset/",
    "accessibilita": "/accessibilita/",
    "privacy": "/privacy/",
}
REFUSED = {
    "400": ("/?data=ieri", 400),
    "400-cifra": ("/cifre/?f=niente(", 400),
    "403": ("/programma/movimenti/impegnate/nuovo/", 403),
    "404": ("/programma/assi/IX/", 404),
}
