"""Which stored procedure is which pratica of a flow, and which stored site is which of its units.

A pratica is known by its number, or because somebody decided that a procedure entered by hand is
the same one. A site is known by its identifier; by the one it had before a person changed it; or,
in a procedure that has just been recognised and shares no identifier, by a comune in which both
have one site alone. Nothing else is guessed.
"""

DOPPIONE = "codice_pratica:"  # a conflict of this field, with the key of the procedure after it

_DESCRIBED = """
    'n. ' || p.id || ', ' || coalesce(nullif(p.codice_pratica, ''), 'senza numero')
    || ', avvio ' || to_char(p.data_avvio, 'DD.MM.YYYY')
    || coalesce(', fine ' || to_char(p.data_fine, 'DD.MM.YYYY'), '')
    || coalesce(', ' || (
        SELECT string_agg(c.nome || ' (' || c.provincia_id || ')', ', ' ORDER BY u.codice)
        FROM crisi_unitaproduttiva u JOIN porfse_comune c ON c.codice_istat = u.comune_id
        WHERE u.procedura_id = p.id
    ), '')
"""
_UNKNOWN = """
    p.esempio = {esempio} AND p.stato <> 'ritirata' AND NOT EXISTS (
        SELECT FROM crisi_procedura q
        WHERE q.codice_pratica = s.codice_pratica AND q.esempio = {esempio}
            AND q.codice_pratica <> ''
    )
"""
_BARE = r"upper(regexp_replace({0}, '\s+', '', 'g'))"
# What may be the same as a pratica that is not known by its number.
TWINS = f"""
    SELECT s.codice_pratica, p.id AS procedura_id, {_DESCRIBED} AS archivio
    FROM {{pratiche}} s
    JOIN porfse_azienda a ON a.codice_fiscale = s.codice_fiscale_azienda
        AND a.esempio = {{esempio}}
    JOIN crisi_procedura p ON p.azienda_id = a.id AND p.codice_pratica = '' AND p.tipo = s.tipo
        AND p.data_avvio <= coalesce(s.data_fine, 'infinity')
        AND s.data_avvio <= coalesce(p.data_fine, 'infinity')
    WHERE {_UNKNOWN}
    UNION ALL
    SELECT s.codice_pratica, p.id, {_DESCRIBED}
    FROM {{pratiche}} s
    JOIN crisi_procedura p ON p.codice_pratica <> ''
        AND {_BARE.format("p.codice_pratica")} = {_BARE.format("s.codice_pratica")}
    WHERE {_UNKNOWN} AND NOT EXISTS (
        SELECT FROM {{pratiche}} t WHERE t.codice_pratica = p.codice_pratica
    )
"""  # noqa: S608 – no value of a person is in it
KNOWN = f"""
    INSERT INTO {{noti}} (codice_pratica, procedura_id, adottata)
    SELECT s.codice_pratica, p.id, false
    FROM {{pratiche}} s
    JOIN crisi_procedura p ON p.codice_pratica = s.codice_pratica AND p.esempio = {{esempio}}
        AND p.codice_pratica <> ''
    UNION ALL
    SELECT t.codice_pratica, t.procedura_id, true
    FROM ({TWINS}) t
    JOIN crisi_conflitto c ON c.flusso_id = {{flow}} AND c.codice_pratica = t.codice_pratica
        AND c.campo = '{DOPPIONE}' || t.procedura_id AND c.scelta = 'flusso'
"""  # noqa: S608
# A file without the column says nothing of the ends that are known.
KNOWN_ENDS = """
    UPDATE {pratiche} s SET data_fine = (
        SELECT p.data_fine FROM {noti} k JOIN crisi_procedura p ON p.id = k.procedura_id
        WHERE k.codice_pratica = s.codice_pratica AND p.data_fine >= s.data_avvio
    ) WHERE s.fine_taciuta
"""
# The last site that had an identifier of the flow which no site has today.
_RENAMED = """
    SELECT DISTINCT ON (unita_id) unita_id, id_unita FROM (
        SELECT DISTINCT ON (k.procedura_id, e.codice) u.id AS unita_id, e.codice AS id_unita,
            v.versione
        FROM {noti} k
        JOIN crisi_unitaproduttiva u ON u.procedura_id = k.procedura_id
        JOIN crisi_versioneprocedura v ON v.procedura_id = k.procedura_id
        CROSS JOIN LATERAL jsonb_to_recordset(v.contenuto -> 'unita')
            AS e (id bigint, codice text)
        JOIN {stage} s ON s.codice_pratica = k.codice_pratica AND s.id_unita = e.codice
        WHERE e.id = u.id AND NOT EXISTS (
            SELECT FROM crisi_unitaproduttiva w
            WHERE w.procedura_id = k.procedura_id AND w.codice = e.codice
        ) AND NOT EXISTS (
            SELECT FROM {stage} r
            WHERE r.codice_pratica = k.codice_pratica AND r.id_unita = u.codice
        )
        ORDER BY k.procedura_id, e.codice, v.versione DESC, u.id
    ) una ORDER BY unita_id, versione DESC, id_unita
"""
_SAME_PLACE = """
    SELECT min(u.id) AS unita_id, min(s.id_unita) AS id_unita
    FROM {noti} k
    JOIN crisi_unitaproduttiva u ON u.procedura_id = k.procedura_id
    JOIN {stage} s ON s.codice_pratica = k.codice_pratica AND s.comune_istat = u.comune_id
    WHERE k.adottata AND NOT EXISTS (
        SELECT FROM crisi_unitaproduttiva w
        JOIN {stage} r ON r.codice_pratica = k.codice_pratica AND r.id_unita = w.codice
        WHERE w.procedura_id = k.procedura_id
    )
    GROUP BY k.procedura_id, u.comune_id
    HAVING count(DISTINCT u.id) = 1 AND count(DISTINCT s.id_unita) = 1
"""
KNOWN_SITES = f"""
    INSERT INTO {{unita_note}} (codice_pratica, id_unita, unita_id, adottata)
    SELECT k.codice_pratica, coalesce(r.id_unita, c.id_unita, u.codice), u.id, k.adottata
    FROM {{noti}} k
    JOIN crisi_unitaproduttiva u ON u.procedura_id = k.procedura_id
    LEFT JOIN ({_RENAMED}) r ON r.unita_id = u.id
    LEFT JOIN ({_SAME_PLACE}) c ON c.unita_id = u.id AND r.unita_id IS NULL
"""  # noqa: S608
# More than one pratica for a procedure, or the other way round: nobody can mean it.
TWICE = f"""
    SELECT codice_pratica FROM (
        SELECT codice_pratica, count(*) OVER (PARTITION BY codice_pratica) AS procedure,
            count(*) OVER (PARTITION BY campo) AS pratiche
        FROM crisi_conflitto
        WHERE flusso_id = {{flow}} AND scelta = 'flusso' AND starts_with(campo, '{DOPPIONE}')
    ) scelte WHERE procedure > 1 OR pratiche > 1 ORDER BY 1 LIMIT 1
"""  # noqa: S608
GONE = f"""
    SELECT c.codice_pratica FROM crisi_conflitto c
    WHERE c.flusso_id = {{flow}} AND c.scelta = 'flusso' AND starts_with(c.campo, '{DOPPIONE}')
        AND NOT EXISTS (
            SELECT FROM {{noti}} k WHERE k.codice_pratica = c.codice_pratica AND k.adottata
        ) ORDER BY 1 LIMIT 1
"""  # noqa: S608
# What closed quarters count of a pratica would not be the same: it is left wholly as it is.
CLOSED = """
    INSERT INTO {chiuse} (codice_pratica, trimestre, provincia)
    SELECT DISTINCT f.codice_pratica, m.trimestre, m.provincia_id
    FROM ({final}) f
    JOIN crisi_procedura p ON p.id = f.id
    JOIN crisi_unitaproduttiva u ON u.procedura_id = p.id
    JOIN porfse_comune c ON c.codice_istat = u.comune_id
    JOIN crisi_avanzamentopal a ON a.unita_id = u.id AND a.sostituito_il IS NULL
    JOIN crisi_monitoraggiotrimestrale m ON m.trimestre = a.trimestre
        AND m.provincia_id = c.provincia_id AND NOT (
            m.stato = ANY(%s) OR coalesce(m.riaperto_fino_al >= %s, false)
        )
    CROSS JOIN LATERAL (
        SELECT make_date(left(a.trimestre, 4)::integer, right(a.trimestre, 1)::integer * 3 - 2, 1)
            AS inizio
    ) q
    LEFT JOIN ({final_sites}) fs ON fs.id = u.id
    LEFT JOIN porfse_comune n ON n.codice_istat = fs.comune_id
    WHERE p.tipo <> f.tipo
        OR coalesce(n.provincia_id, c.provincia_id) <> c.provincia_id
        OR (p.data_avvio < q.inizio + interval '3 months'
                AND coalesce(p.data_fine >= q.inizio, true))
            <> (f.data_avvio < q.inizio + interval '3 months'
                AND coalesce(f.data_fine >= q.inizio, true))
"""
