"""Settings, read from the environment; `khedmat doctor` says in words what is missing."""

import os
from pathlib import Path

from csp.constants import NONCE
from django.utils.translation import gettext_lazy as _

from khedmat.config.platform.database import connection_settings
from khedmat.vault.keyring import read_secret

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("KHEDMAT_VAR_DIR") or BASE_DIR / "var")
KHEDMAT_KEYS_DIR = Path(os.environ.get("KHEDMAT_KEYS_DIR", VAR_DIR / "keys"))
KHEDMAT_FILES_DIR = Path(os.environ.get("KHEDMAT_FILES_DIR", VAR_DIR / "files"))

# The demo runs on plain http at the loopback address; everything else is set up as in production.
KHEDMAT_DEMO = os.environ.get("KHEDMAT_DEMO", "") == "1"
KHEDMAT_REQUIRE_SECOND_FACTOR = os.environ.get("KHEDMAT_REQUIRE_SECOND_FACTOR", "0" if KHEDMAT_DEMO else "1") == "1"

# Printed on the back of every card, as people type it.
KHEDMAT_CHECK_ADDRESS = os.environ.get("KHEDMAT_CHECK_ADDRESS", "khedmat.example/verify")

# The demo bank answers only in a demo (khedmat.E010); production names its own gateways here.
PAYMENT_GATEWAYS = {"demo": "khedmat.payments.gateways.DemoGateway"} if KHEDMAT_DEMO else {}

# By channel, as `sms=package.module.Class,email=…`. The demo's gateway sends nothing (khedmat.E011).
_DEMO_GATEWAYS = ",".join(f"{channel}=khedmat.notices.gateways.DemoGateway" for channel in ("sms", "email"))
_named_gateways = os.environ.get("KHEDMAT_NOTICE_GATEWAYS", _DEMO_GATEWAYS if KHEDMAT_DEMO else "")
NOTICE_GATEWAYS = dict(named.split("=", 1) for named in _named_gateways.split(",") if named)
# No message goes out from the first hour to the second, nor on these days (Monday is 0), in the time of Tehran.
NOTICE_QUIET_HOURS = tuple(os.environ.get("KHEDMAT_QUIET_HOURS", "21:00-08:00").split("-"))
NOTICE_QUIET_WEEKDAYS = tuple(int(day) for day in os.environ.get("KHEDMAT_QUIET_WEEKDAYS", "4").split(",") if day)
# Nor on the holidays of the calendar, the nation's and those of the office's province.
NOTICE_QUIET_HOLIDAYS = os.environ.get("KHEDMAT_QUIET_HOLIDAYS", "1") == "1"

DEBUG = False
SECRET_KEY = read_secret(KHEDMAT_KEYS_DIR, "django-secret")
ALLOWED_HOSTS = os.environ.get("KHEDMAT_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in {"127.0.0.1", "localhost"}]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "procrastinate.contrib.django",
    "khedmat.common",
    "khedmat.vault",
    "khedmat.audit",
    "khedmat.places",
    "khedmat.accounts",
    "khedmat.files",
    "khedmat.offices",
    "khedmat.imports",
    "khedmat.notices",
    "khedmat.registry",
    "khedmat.casework",
    "khedmat.payments",
    "khedmat.changes",
    "khedmat.duplicates",
    "khedmat.cards",
    "khedmat.service",
    "khedmat.rounds",
    "khedmat.desk",
    "khedmat.portal",
    "khedmat.config.apps.ConfigConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "khedmat.config.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "khedmat.config.urls"
WSGI_APPLICATION = "khedmat.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "khedmat" / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "khedmat.desk.context.working_line",
            ],
        },
    }
]
FORM_RENDERER = "khedmat.config.forms.HouseFormRenderer"

_database = connection_settings()
DATABASES = {
    "default": {**_database.app.as_django(), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True},
    "migrator": _database.migrator.as_django(),
}
KHEDMAT_DATABASE_ROLES = _database.roles
# Used by the process that looks for likely duplicates alone; the site itself never connects by it.
KHEDMAT_MATCHER = _database.matcher
DATABASE_ROUTERS = ["khedmat.config.routers.MigratorOwnsTheSchema"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "portal:landing"
ACCOUNT_ADAPTER = "khedmat.accounts.adapters.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "60/m/ip"}
MFA_ADAPTER = "khedmat.accounts.adapters.SealedMfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Khedmat"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
    }
}
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not KHEDMAT_DEMO
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = not KHEDMAT_DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if KHEDMAT_DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not KHEDMAT_DEMO
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "khedmat" / "config" / "locale"]
TIME_ZONE = "Asia/Tehran"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static-built"] if (BASE_DIR / "static-built").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Uploads stay in memory: a temporary file on disk would be a person's paper in the clear.
FILE_UPLOAD_HANDLERS = ["khedmat.files.web.uploads.CappedMemoryUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 22

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KHEDMAT_LOG_LEVEL", "WARNING")},
}
