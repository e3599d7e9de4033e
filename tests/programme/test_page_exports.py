"""What leaves the pages as a file."""

from programme.models import Iniziativa


def test_export_of_figures_is_exact(lettore):
    csv = lettore.get("/?assi-formato=csv&data=2021-09-30").content.decode("utf-8-sig")
    line = next(row for row in csv.splitlines() if row.startswith("Asse I "))
    assert line.split(";")[1:5] == [
        "236.700.000,00",
        "289.200.000,00",
        "122,18",
        "260.300.000,00",
    ]


def test_a_malicious_name_stays_text(gestore):
    Iniziativa.objects.filter(pk="smart-working").update(nome='=2+2 <script>alert("x")</script>')
    page = gestore.get("/programma/iniziative/smart-working/").content.decode()
    assert "<script>alert" not in page
    csv = gestore.get("/programma/iniziative/?iniziative-formato=csv").content.decode("utf-8-sig")
    assert "\n\"'=2+2" in csv
