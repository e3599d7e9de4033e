"""All addresses; an app is named by string, so that the kernel imports none."""

from django.urls import include, path

from porfse import views

# Pages of allauth that would write past services and audit; their names must still resolve.
CLOSED = (
    *("email/", "confirm-email/", "signup/", "password/set/", "login/code/confirm/"),
    *("3rdparty/", "3rdparty/signup/"),
)

urlpatterns = [
    path("", include("programme.urls")),
    path("cigd/", include("cigd.urls")),
    path("crisi/", include("crisi.urls")),
    path("misure/", include("measures.urls")),
    path("report/", include("reports.urls")),
    path("flussi/", include("porfse.flows.urls")),
    path("inizio/", views.inizio, name="inizio"),
    path("cifre/", views.cifra, name="cifra"),
    path("amministrazione/", include("porfse.administration.urls")),
    *(path(f"accesso/{page}", views.closed) for page in CLOSED),
    path("accesso/", include("allauth.urls")),
    path("accessibilita/", views.accessibilita, name="accessibilita"),
    path("privacy/", views.privacy, name="privacy"),
    path("salute/", views.salute, name="salute"),
]
