"""A first draft of a chapter: nothing but figures, for an official to make a text of."""

_ASSE = (
    "Asse {asse}, dotazione {{dotazione_asse_{n}|mln}}: risorse programmate"
    " {{programmate_asse_{n}|mln}}, impegnate {{impegnate_senza_cigd_asse_{n}|mln}} e liquidate"
    " {{liquidate_senza_cigd_asse_{n}|mln}} (CIGD esclusa da impegni e pagamenti); spesa"
    " certificata {{certificata_asse_{n}|mln}}."
)
_PEOPLE = (
    "\n\nDestinatari raggiunti: {{destinatari_asse_{n}}}, di cui"
    " {{quota_destinatari_uomini_asse_{n}|percento0}} uomini"
    " ({{destinatari_uomini_asse_{n}}}) e {{quota_destinatari_donne_asse_{n}|percento0}} donne"
    " ({{destinatari_donne_asse_{n}}})."
)
PROPOSTE = {
    "premessa": "Dotazione complessiva del programma: {dotazione}.",
    "sguardo-insieme": (
        "Risorse programmate: {programmate|mln1}, pari al {quota_programmate|percento0} della"
        " dotazione di {dotazione}. Impegni {impegnate_senza_cigd|mln1} e pagamenti"
        " {liquidate_senza_cigd|mln1}, CIGD esclusa; spesa certificata {certificata|mln1}, di cui"
        " quota UE {certificata_ue|mln1}.\n\nDestinatari raggiunti: {destinatari}, di cui"
        " {quota_destinatari_uomini|percento0} uomini e {quota_destinatari_donne|percento0} donne;"
        " in condizione di vulnerabilità {destinatari_vulnerabili}"
        " ({quota_destinatari_vulnerabili|percento0})."
    ),
    **{
        f"asse-{n}": (_ASSE + _PEOPLE).format(n=n, asse=asse)
        for n, asse in enumerate(("I", "II", "III", "IV"), 1)
    },
    "asse-5": _ASSE.format(n=5, asse="V"),
}


def proposta(capitolo: str) -> str:
    """Return the draft of a chapter that nobody has written yet; empty if there is none."""
    return PROPOSTE.get(capitolo, "")
