"""All settings, from the environment; `.env.example` lists and explains them."""

from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data")))

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY", "fresh-machine-only-not-a-secret" if DEBUG else None)
# What secrets in the database are sealed with, newest first. SECRET_KEY opens them too: it is all that a small
# installation has, and what one that gives FIELD_KEYS later has sealed with until then.
FIELD_KEYS = [*env.keys("FIELD_KEYS"), SECRET_KEY]
BASE_DOMAIN = env.text("BASE_DOMAIN", "localhost")
# Scheme and port of the addresses written into messages; the host is the club's own.
PUBLIC_URL = env.text("PUBLIC_URL", "")
DEFAULT_CLUB = env.text("DEFAULT_CLUB", "")
# Whether a host of no club names the clubs there are: on a demo machine, never where clubs are strangers.
LIST_CLUBS = env.flag("LIST_CLUBS", DEBUG)
# The club is found by host and an unknown host is a 404 of ours, so Django's own list may stay open behind the proxy.
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "*")
TRUSTED_PROXY = env.flag("TRUSTED_PROXY", False)
HTTPS_ONLY = env.flag("HTTPS_ONLY", not DEBUG)

INSTALLED_APPS = [
    "config",
    "core",
    "sms",
    "accounts",
    "club.members",
    "club.catalogue",
    "club.programme",
    "club.ledger",
    "offers",
    "club.tiers",
    "club.rewards",
    "club.gift_cards",
    "club.lotteries",
    "club.missions",
    "club.awards",
    "club.purchases",
    "crm.occasions",
    "crm.segments",
    "crm.agents",
    "crm.referrals",
    "crm.campaigns",
    "crm.notices",
    "crm.mail",
    "crm.leads",
    "tickets",
    "reports",
    "desk",
    "portal",
    "api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.staticfiles.OwnStaticFiles",
    "django_htmx",
    "django_jalali",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "api.problems.ProblemsBelowApi",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.security.ContentSecurityPolicy",
    "core.languages.LanguageOfBrowser",
    "core.tenancy.middleware.ClubFromHost",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionOfThisClub",
    "accounts.languages.LanguageOfReader",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.errors_page.AppErrorPages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "core.context.club",
            ],
            "builtins": ["core.templatetags.club_ui", "core.templatetags.club_charts"],
        },
    }
]

# The application's role reads and writes inside the policies; the owner's migrates and makes test databases.
_database = {
    "ENGINE": "core.tenancy.backend",
    "DISABLE_SERVER_SIDE_CURSORS": True,
    "CONN_MAX_AGE": env.number("DATABASE_CONN_MAX_AGE", 600),
    "CONN_HEALTH_CHECKS": True,
    # A server that is gone without a word is given up: in seconds while connecting, and over TCP when nobody confirms
    # what was sent, or that he lives. One that confirms and never answers is the business of whoever waits for us.
    "OPTIONS": {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
}
DATABASES = {
    "default": {
        **_database,
        **env.database(env.text("DATABASE_URL")),
        "OWNER": env.database(env.text("DATABASE_OWNER_URL")),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "club_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
# A session of staff is over so long after it was last used, and so long after it was opened however much it is used.
STAFF_SESSION_IDLE_HOURS = env.number("STAFF_SESSION_IDLE_HOURS", 12)
STAFF_SESSION_DAYS = env.number("STAFF_SESSION_DAYS", 14)
IMPORT_FILES_DAYS = env.number("IMPORT_FILES_DAYS", 30)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.errors_page.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without the proxy
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.NotThePhone"},
    {"NAME": "accounts.passwords.NotTheName"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "desk:home"

LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", "فارسی"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tehran"
USE_TZ = True
USE_I18N = True
FIRST_DAY_OF_WEEK = 6

# Hashed and compressed files need `collectstatic`, which the image has run; a fresh machine serves them as they are.
STATIC_HASHED = env.flag("STATIC_HASHED", HTTPS_ONLY)
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_HASHED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_HASHED
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA_DIR / "media"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
SMS_GATEWAY = env.text("SMS_GATEWAY", "console")
SMS_LOG_IS_READ = env.flag("SMS_LOG_IS_READ", DEBUG)
KAVENEGAR_BASE_URL = env.text("KAVENEGAR_BASE_URL", "https://api.kavenegar.com")
# The installation's own account and line, for clubs that have none.
KAVENEGAR_API_KEY = env.text("KAVENEGAR_API_KEY", "")
KAVENEGAR_SENDER = env.text("KAVENEGAR_SENDER", "")

# Mails: printed, kept as files, or given to a server. The sender is one address for all clubs, under each one's name.
_MAILERS = {"console": "console", "file": "filebased", "smtp": "smtp"}
MAIL_BACKEND = env.choice("MAIL_BACKEND", "console", _MAILERS)
EMAIL_BACKEND = f"django.core.mail.backends.{_MAILERS[MAIL_BACKEND]}.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = env.text("MAIL_HOST", "localhost")
EMAIL_PORT = env.number("MAIL_PORT", 25)
EMAIL_HOST_USER = env.text("MAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("MAIL_PASSWORD", "")
_mail_security = env.choice("MAIL_SECURITY", "none", ("none", "starttls", "tls"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail_security == "starttls", _mail_security == "tls"
EMAIL_TIMEOUT = env.number("MAIL_TIMEOUT", 20)
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "") or f"club@{BASE_DOMAIN}"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.authentication.KeyScopeAllows"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.KeyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
# What one key may send, by its scope; and what comes from one address with no key or a wrong one. Wide enough for a
# chain that gives all its tills one key, or for a till that sends a day's sales after a lost connection.
API_RATES = {
    "pos": env.rate("API_RATE_POS", "6000/min"),
    "manage": env.rate("API_RATE_MANAGE", "6000/min"),
    "read": env.rate("API_RATE_READ", "3000/min"),
    "wrong_key": env.rate("API_RATE_WRONG_KEY", "300/min"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Customer club API",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}
