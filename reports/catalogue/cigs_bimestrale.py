"""The two-monthly report on the CIGS in corso, one for each provincia and one for the Region."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from crisi.selection import inside
from porfse import money
from porfse.models import Provincia
from porfse.periods import Periodo, italian
from reports.documento import Capitolo, Cella, Documento, Forma, Indicatore
from reports.parametri import Cadenza, Parametri
from reports.queries import cigs_elenchi as elenchi
from reports.queries import cigs_tabelle as tabelle
from reports.queries.cigs import Bimestre, bimestre, luogo, ultimo_flusso
from reports.queries.cigs_siti import Somma
from reports.report import Calendario, Controllo, Report

SORGENTE = "vertenze-online"


class CigsBimestrale(Report):
    slug = "cigs-bimestrale"
    titolo = "Report bimestrale delle procedure di CIGS"
    descrizione = (
        "Le procedure di CIGS in corso nel bimestre con ciascuna unità produttiva e la sua"
        " collocazione: quali sono nuove, prorogate e concluse, e il confronto con il bimestre"
        " precedente. Uno per ciascuna provincia e uno regionale."
    )
    ordine = 10
    cadenza = Cadenza.BIMESTRE
    permesso = "crisi.view_regione"
    permesso_provincia = "crisi.view_procedure"
    provinciale = True
    controlli = (Controllo.FLUSSI, Controllo.SOMME)
    sorgenti = (SORGENTE,)
    calendario = Calendario(giorni=5)

    def documento(self, parametri: Parametri) -> Documento:
        periodo = parametri.periodo
        since, until = self.chiusura(periodo.precedente), self.chiusura(periodo)
        letto = bimestre(periodo, parametri.provincia, dal=since, fino_al=until)
        province = Provincia.objects.in_bulk()
        place = province.get(parametri.provincia)
        flow = ultimo_flusso(SORGENTE, parametri.provincia, esempio=letto.esempio)
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            capitoli=tuple(_chapters(letto, province, luogo(place))),
            provincia=parametri.provincia,
            provincia_nome=place.nome if place else "",
            fonti=tuple(filter(None, (tabelle.FONTE, flow))),
            avvertenze=tuple(_warnings(letto, since, until)),
            esempio=letto.esempio,
        )

    def chiusura(self, periodo: Periodo) -> datetime:
        """Return the moment at which the report of a period is made by itself."""
        day = periodo.fine + timedelta(days=self.calendario.giorni)
        return datetime.combine(day, self.calendario.ora, timezone.get_default_timezone())


def _chapters(letto: Bimestre, province: dict[str, Provincia], where: str) -> Iterator[Capitolo]:
    if letto.vuoto:
        none = (
            f"Nessuna procedura di CIGS in corso {where} {inside(letto.periodo)}, né"
            f" {inside(letto.periodo.precedente)}."
        )
        yield Capitolo("Il bimestre in sintesi", (none,), tabelle=(elenchi.unita(letto),))
        return
    yield Capitolo(
        "Il bimestre in sintesi",
        tuple(_summary(letto, where)),
        tuple(_indicators(letto)),
        (tabelle.confronto(letto),),
    )
    places = [] if letto.provincia else [tabelle.province(letto, province)]
    yield Capitolo("Collocazione territoriale", tabelle=(*places, tabelle.comuni(letto)))
    known = letto.precedente is not None
    changes = (
        elenchi.nuove(letto),
        *([elenchi.ritardi(letto)] if known else []),
        elenchi.prorogate(letto),
        elenchi.concluse(letto),
        *([elenchi.uscite(letto)] if known else []),
    )
    yield Capitolo("Che cosa è cambiato", tuple(_since(letto)), tabelle=changes)
    sites = [elenchi.unita(letto), *([elenchi.altrove(letto)] if letto.provincia else [])]
    yield Capitolo("Unità produttive delle procedure in corso", tabelle=tuple(sites))


def _summary(letto: Bimestre, where: str) -> Iterator[str]:
    now, before = Somma.of(letto.siti), Somma.of(letto.prima)
    yield f"Procedure di CIGS in corso {where} {inside(letto.periodo)}: {_told(now)}."
    yield f"{inside(letto.periodo.precedente).capitalize()}: {_told(before)}."
    if letto.altrove:
        elsewhere = sum(part.unita for part in letto.altrove.values())
        both = _counted(len(letto.altrove), "procedura ha", "procedure hanno")
        others = _counted(elsewhere, "altra unità produttiva", "altre unità produttive")
        yield (
            f"Di queste, {both} anche {others} fuori dal territorio, non comprese nel report"
            " perché di competenza di altri Nuclei."
        )


def _since(letto: Bimestre) -> Iterator[str]:
    """How the procedures of the report before have become those of this one."""
    if letto.precedente is None:
        return
    running = {sito.procedura for sito in letto.siti}
    counts = {
        "Procedure in corso nel report precedente": letto.precedente.procedure,
        "uscite": letto.uscite,
        "avviate nel bimestre": letto.nuove,
        "registrate in ritardo": running & letto.in_ritardo,
        "in corso ora": running,
    }
    yield "; ".join(f"{words}: {money.number(len(each))}" for words, each in counts.items()) + "."


def _told(found: Somma) -> str:
    """What some sites add up to, in words."""
    words = (
        f"{_counted(found.procedure, 'procedura', 'procedure')},"
        f" {_counted(found.unita, 'unità produttiva', 'unità produttive')}"
    )
    if found.lavoratori is not None:
        words += f", {_counted(found.lavoratori, 'lavoratore', 'lavoratori')}"
    if found.non_noti:
        words += f" (lavoratori non noti per {found.non_noti} unità)"
    return words


def _counted(number: int, one: str, many: str) -> str:
    return f"{money.number(number)} {one if number == 1 else many}"


def _indicators(letto: Bimestre) -> Iterator[Indicatore]:
    now, before = Somma.of(letto.siti), Somma.of(letto.prima)
    words = {
        "procedure": "Procedure in corso",
        "unita": "Unità produttive",
        "lavoratori": "Lavoratori coinvolti",
    }
    for name, label in words.items():
        earlier = Forma.NUMERO.show(getattr(before, name))
        unknown = f"; non noti per {now.non_noti} unità" if now.non_noti else ""
        more = unknown if name == "lavoratori" else ""
        detail = f"{earlier} nel bimestre precedente{more}"
        yield Indicatore(
            name, label, tabelle.cella(now, name), Forma.NUMERO, detail, esempio=letto.esempio
        )
    changes = {
        "nuove": ("Procedure avviate nel bimestre", letto.nuove),
        "prorogate": ("Procedure prorogate", letto.prorogate),
        "concluse": ("Procedure concluse nel bimestre", letto.concluse),
    }
    for name, (label, found) in changes.items():
        sites = _counted(sum(map(len, found)), "unità produttiva", "unità produttive")
        yield Indicatore(name, label, Cella(len(found)), Forma.NUMERO, sites, esempio=letto.esempio)


def _warnings(letto: Bimestre, since: datetime, until: datetime) -> Iterator[str]:
    yield (
        "Una procedura è in corso nel bimestre se lo è per almeno un giorno: quelle concluse nel"
        " bimestre sono comprese, ed escono da quello successivo. Le procedure ritirate non"
        " contano."
    )
    yield (
        "I dati sono quelli registrati alla costruzione del report, anche per il bimestre"
        " precedente: possono differire da quelli del report di allora."
    )
    if letto.precedente is None:
        yield (
            f"Nessuna procedura era registrata il {_moment(until)}: non si può dire quali sono"
            " registrate in ritardo, né quali sono uscite dal report precedente."
        )
    else:
        yield (
            "Le registrate in ritardo e le uscite sono dette rispetto al report precedente, inteso"
            f" con i dati registrati fino al {_moment(since)}; quelle tolte annullando il loro"
            " flusso non vi figurano."
        )
    yield (
        "Sono prorogate le procedure in corso la cui data di fine è stata spostata in avanti, o"
        f" tolta, con le registrazioni dal {_moment(since)} al {_moment(until)}."
    )
    if unknown := Somma.of(letto.siti).non_noti:
        yield (
            f"Per {_counted(unknown, 'unità produttiva', 'unità produttive')} il numero di"
            " lavoratori non è noto, e non vale zero: i totali sommano le altre."
        )
    if letto.provincia:
        yield (
            "Di una procedura con unità in più province sono comprese le sole unità del territorio."
        )
    else:
        yield (
            "Una procedura con unità in più province è contata in ciascuna di esse, e una volta"
            " sola nel totale regionale."
        )


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{italian(local.date())}, ore {local:%H:%M}"


REPORT = CigsBimestrale()
