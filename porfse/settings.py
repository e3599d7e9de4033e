"""Every setting of the product; what differs between machines comes from the environment.

The variables are documented in `.env.example`. `DEBUG=true` (set by `make run`) is the
demonstration mode: demo accounts, example data, plain HTTP. Django's own debug pages stay off in
both modes, so that an official who tries the product meets the pages of production (ADR 0002).
"""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from porfse import local
from porfse.secretfile import secret_from

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
env = environ.Env()

DEMO = env.bool("DEBUG", default=False)
DEBUG = False
if DEMO:
    SECRET_KEY = env.str("SECRET_KEY", default="") or secret_from(VAR_DIR / "secret_key")
else:
    SECRET_KEY = env.str("SECRET_KEY", default="")
    if not SECRET_KEY:
        raise ImproperlyConfigured(
            "Manca SECRET_KEY: impostarla nell'ambiente (vedi .env.example)."
        )
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else []
)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in {"*", "[::1]"}]

INSTALLED_APPS = [
    "reports",
    "measures",
    "crisi",
    "cigd",
    "programme",
    "porfse",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_tables2",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "porfse.middleware.LoginMiddleware",
    "porfse.middleware.FirstAccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "porfse.middleware.BadInputMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "porfse.urls"
WSGI_APPLICATION = "porfse.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "porfse.navigation.context",
            ],
        },
    },
]

# --- Database, cache, tasks ---------------------------------------------------------------------
ADDRESSES = local.addresses(BASE_DIR)
DATABASES = {
    "default": {
        **env.db_url_config(ADDRESSES.database_url),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = ADDRESSES.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": local.redis_database(REDIS_URL, 1),
        "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 5},  # seconds
    },
}
# Read from Redis, kept in the database.
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = local.celery_url(REDIS_URL)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# After a killed worker Redis gives a task out again only past this time (seconds).
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = "Europe/Rome"
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": crontab(**when)}
    for name, task, when in (
        ("clear-sessions", "porfse.tasks.clear_sessions", {"hour": 3, "minute": 15}),
        ("resume-flows", "porfse.tasks.resume_flows", {"minute": "*/5"}),
        ("resume-batches", "cigd.tasks.resume_batches", {"minute": "2-59/5"}),
        # Every day, not on the first of a quarter: a day that was missed is made up on the next.
        ("open-quarter", "crisi.tasks.open_last_quarter", {"hour": 6, "minute": 0}),
        ("remind-nuclei", "crisi.tasks.remind", {"hour": 8, "minute": 0}),
        # Every hour, not at that of each report: what was missed is made up within the hour.
        ("build-due-reports", "reports.tasks.calendario.build_due", {"minute": 10}),
        ("resume-builds", "reports.tasks.costruzione.resume_builds", {"minute": "4-59/5"}),
        ("resume-mails", "reports.tasks.invii.resume_mails", {"minute": "1-59/5"}),
    )
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "porfse.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "porfse.accounts.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "inizio"
ACCOUNT_ADAPTER = "porfse.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "porfse.accounts.AccessoForm"}
SOCIALACCOUNT_ADAPTER = "porfse.accounts.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are opened by an administrator
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody learns by mail which accounts exist
ACCOUNT_EMAIL_SUBJECT_PREFIX = "POR FSE · "
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# django-axes locks a login after five failures; this also bounds guessed one-time codes.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator has entered the address
MFA_TOTP_ISSUER = "POR FSE Lombardia"
# A role that writes must have a one-time code; the demonstration may go without.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not DEMO)
SOCIALACCOUNT_PROVIDERS = {}
if env.str("OIDC_SERVER_URL", default=""):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "regione",
                "name": env.str("OIDC_NAME", default="SPID / CIE"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": env.str("OIDC_SERVER_URL")},
            },
        ],
    }
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_USERNAME_CALLABLE = "porfse.accounts.name_for_axes"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False

# --- Security -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Browsers hold redirections to it too, and login by the Region's provider makes one.
        "form-action": [SELF, *filter(None, [env.str("OIDC_SERVER_URL", default="")])],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^salute/$"]
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
SESSION_COOKIE_SECURE = not DEMO
CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_AGE = 8 * 3600  # a working day, in seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Language, files, mail ----------------------------------------------------------------------
LANGUAGE_CODE = "it"
TIME_ZONE = "Europe/Rome"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "porfse.staticfiles.PackageFileFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # half the files to compress: plotly.js takes seconds
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or VAR_DIR / "media")
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Seconds that a mail server has to answer; without a limit a silent one would hold the worker.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="por-fse@localhost")

DJANGO_TABLES2_TEMPLATE = "components/table.html"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
# The grid of a quarter has some ten fields for each site of a nucleo, which may have hundreds.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FLOW_MAX_BYTES = env.int("FLOW_MAX_MIB", default=4096) << 20
EARLIEST_DATE = dt.date(2014, 1, 1)  # start of the period 2014-2020, reg. (UE) 1303/2013 art. 65

# --- Covid wage support (CIGD): what the convention and the law say, not the programme ----------
# The comuni whose payments are eligible under azione 8.6.1: Milano, Brescia, Bergamo; all others
# under 9.8.1. That the comune of the unità produttiva decides is our reading of «imprese ubicate».
CIGD_COMUNI_861 = ("015146", "017029", "016024")
CIGD_MESI = (dt.date(2020, 2, 1), dt.date(2021, 12, 1))  # eligible months of competence
CIGD_ORE_MENSILI = 208  # above: W102
# Gross monthly ceiling by year, euro (INPS circulars 20/2020 and 7/2021).
CIGD_MASSIMALE = {2020: Decimal("1199.72"), 2021: Decimal("1199.72")}

# --- Crises: terms of the quarterly monitoring of the active policies ---------------------------
# The source (002) says that it is quarterly, not by when: 30 days after the quarter are our choice.
CRISI_GIORNI_TRASMISSIONE = env.int("CRISI_GIORNI_TRASMISSIONE", default=30)
CRISI_PROMEMORIA_PRIMA = env.int("CRISI_PROMEMORIA_PRIMA", default=7)  # days before the due date
# A high-complexity case that nobody has touched for longer is shown first, as left alone.
CRISI_GIORNI_SENZA_NOVITA = 30

# --- Reports ------------------------------------------------------------------------------------
# A public report hides a count from 1 to less than these. Three is the least that the rules of
# official statistics allow (Regole deontologiche, G.U. 14.1.2019 n. 11, art. 5, lett. a); a person
# knows himself and often a colleague: of workers it takes more to know nothing of the others.
REPORT_SOGLIA_UNITA = env.int("REPORT_SOGLIA_UNITA", default=3)
REPORT_SOGLIA_LAVORATORI = env.int("REPORT_SOGLIA_LAVORATORI", default=5)
# A report that would make a mail larger than this, as it travels, goes as a link; most servers
# take ten.
REPORTS_MAIL_MAX_BYTES = env.int("REPORTS_MAIL_MAX_MIB", default=10) << 20
# Where the links of a mail lead; without it, to what `make run` serves.
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{env.str('PORT', '') or 8000}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}},
}
