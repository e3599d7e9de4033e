"""Addresses of the reports, by noun."""

from reports.urls import catalogo, costruzione, edizioni, invii, testi

app_name = "reports"
urlpatterns = [
    *costruzione.urlpatterns,
    *invii.urlpatterns,  # before «edizioni», whose file address takes any word
    *edizioni.urlpatterns,
    *testi.urlpatterns,
    *catalogo.urlpatterns,  # last: it takes any slug
]
