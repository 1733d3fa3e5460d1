"""Settings: where they come from, what is refused, and what follows from them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from stakactl.config import (
    MailSecurity,
    MailTransport,
    OrdersWrite,
    Settings,
    StorageProvider,
    field_names,
    read_settings,
    setting_rows,
)
from stakactl.domain.numbering import Series
from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError, ExitCode

TEST_KEY = "sk_test_51Abcdefghijklmnop"
LIVE_KEY = "sk_live_51Abcdefghijklmnop"


def load(folder: Path, **environ: str) -> Settings:
    return Settings.load(folder=folder, environ=environ)


def problems(folder: Path, **environ: str) -> list[str]:
    return [str(p) for p in read_settings(folder=folder, environ=environ).problems]


def write(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


# --- where values come from ---


def test_nothing_set_is_a_local_installation(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.home == tmp_path / "var"
    assert settings.store_url == f"sqlite:///{tmp_path}/var/stakactl.db"
    assert settings.storage().provider is StorageProvider.LOCAL
    assert settings.mail().transport is MailTransport.FOLDER
    assert settings.nightly_max_invoices == settings.nightly_max_mails == 500
    assert settings.env_file is None
    assert settings.warnings == ()
    assert len(settings.company_gaps()) == 5


def test_the_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in field_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INVOICE_SERIES", "WEB")
    assert read_settings().settings.invoice_series == "WEB"


def test_the_environment_wins_and_origins_are_known(tmp_path: Path) -> None:
    path = write(tmp_path, "\n# mode\nCURRENCY=eur\nINVOICE_SERIES=FILE\n")
    settings = load(tmp_path, INVOICE_SERIES="ENV")
    assert settings.invoice_series == "ENV"
    assert settings.origin("INVOICE_SERIES") == "environment"
    assert settings.origin("CURRENCY") == f"{path}:3"
    assert settings.origin("TAX_RATE") == "default"


def test_an_empty_value_is_not_set(tmp_path: Path) -> None:
    write(tmp_path, "INVOICE_SERIES=FILE\nTAX_RATE=\n")
    settings = load(tmp_path, INVOICE_SERIES="", TAX_RATE=" ")
    assert (settings.invoice_series, settings.tax_rate) == ("FILE", None)


def test_a_dollar_is_not_expanded(tmp_path: Path) -> None:
    write(tmp_path, "SMTP_PASS=a${HOME}$b\n")
    password = load(tmp_path).smtp_pass
    assert password is not None
    assert password.get_secret_value() == "a${HOME}$b"


def test_relative_paths_count_from_the_file_they_stand_in(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir()
    write(elsewhere, "STAKACTL_HOME=data\nSTAKACTL_DATABASE_URL=sqlite:///own.db\n")
    settings = Settings.load(elsewhere / ".env", {}, folder=tmp_path)
    assert settings.home == elsewhere / "data"
    assert settings.store_url == f"sqlite:///{elsewhere}/own.db"
    outside = Settings.load(elsewhere / ".env", {"STAKACTL_HOME": "data"}, folder=tmp_path)
    assert outside.home == tmp_path / "data"


def test_the_default_home_lies_beside_the_file_in_use(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir()
    write(elsewhere, "")
    assert Settings.load(Path("etc/.env"), {}, folder=tmp_path).home == elsewhere / "var"


def test_a_missing_file_that_was_asked_for_is_exit_3(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no settings file .*absent\.env") as caught:
        Settings.load(tmp_path / "absent.env", {})
    assert caught.value.exit_code is ExitCode.CONFIGURATION


def test_a_folder_in_place_of_the_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Settings.load(tmp_path, {})


# --- all problems at once, none of them with a secret ---


def test_every_problem_is_listed_with_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "STRIPE_SECRET_KEY=pk_test_123456\nTAX_RATE=0.2\nINVOICE_SERIE=X\nfoo bar\n"
        "CURRENCY=eur\nCURRENCY=usd\nSMTP_HOST=smtp.example.com\nNIGHTLY_MAX_MAILS=-1\n"
        "STORAGE_PROVIDER=s4\nMINIO_USE_SSL=perhaps\n",
    )
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, SMTP_PORT="abc")
    message = caught.value.message
    assert message.startswith("10 settings are wrong:")
    for expected in (
        f"STRIPE_SECRET_KEY ({path}:1): is a publishable key",
        f'TAX_RATE ({path}:2): "0.2" would be 0.2 %; hint: 20 means 20 %: write 20 if 20 % is',
        f"INVOICE_SERIE ({path}:3): is no setting of stakactl; hint: did you mean INVOICE_SERIES?",
        f"({path}:4): is not NAME=value",
        f"CURRENCY ({path}:6): stands on line 5 already",
        f'NIGHTLY_MAX_MAILS ({path}:8): is "-1": it must be at least 0',
        f'STORAGE_PROVIDER ({path}:9): is "s4": it must be one of',
        f'MINIO_USE_SSL ({path}:10): is "perhaps": it must be true or false',
        'SMTP_PORT (environment): is "abc": it must be a whole number',
        "INVOICE_EMAIL_FROM: is not set: mails need a sender",
    ):
        assert expected in message


SENTINEL = "S3ntinelS3cret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_SECRET_KEY", f"pk_live_{SENTINEL}"),
        ("STRIPE_SECRET_KEY", f"whsec_{SENTINEL}"),
        ("STRIPE_SECRET_KEY", f"sk_org_{SENTINEL}"),
        ("STRIPE_SECRET_KEY", f"{SENTINEL}"),
        ("STRIPE_SECRET_KEY", f"sk_live_{SENTINEL}!"),
        ("STRIPE_API_BASE", f"https://user:{SENTINEL}@api.example.com"),
        ("STRIPE_API_BASE", f"ftp://user:{SENTINEL}@api.example.com"),
        ("STAKACTL_DATABASE_URL", f"mysql://user:{SENTINEL}@db/app"),
        ("STAKACTL_DATABASE_URL", f"{SENTINEL}"),
        ("STAKACTL_DATABASE_URL", f"postgresql://user:{SENTINEL}@db:port/app"),
        ("AWS_SECRET_ACCESS_KEY", f"two words {SENTINEL}"),
        ("SENDGRID_API_KEY", f"SG.{SENTINEL}"),
        ("SMTP_PASS", f"{SENTINEL}\x07"),
        ("SMTP_PORT", f"sk_live_{SENTINEL}"),
        ("SMTP_HOST", f"smtp://user:{SENTINEL}@mail"),
    ],
)
def test_a_malformed_secret_is_never_repeated(name: str, value: str, tmp_path: Path) -> None:
    found = problems(tmp_path, **{name: value})
    assert any(problem.startswith(name) for problem in found)
    assert SENTINEL not in " ".join(found)
    write(tmp_path, f"{name}={value!r}\n{SENTINEL}\nexport {SENTINEL}={SENTINEL} {SENTINEL}=\n")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert SENTINEL not in str(caught.value)


def test_secrets_are_masked_wherever_settings_are_shown(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        STRIPE_SECRET_KEY=f"sk_live_{SENTINEL}",
        SMTP_HOST="smtp.example.com",
        SMTP_USER="user",
        SMTP_PASS=SENTINEL,
        FROM_EMAIL="a@example.com",
        STAKACTL_DATABASE_URL=f"postgresql://user:{SENTINEL}@db/app",
        AWS_ACCESS_KEY_ID=f"AKIA{SENTINEL}",
        AWS_SECRET_ACCESS_KEY=SENTINEL,
        AWS_S3_BUCKET="bucket",
    )
    rows = setting_rows(settings)
    views = (settings.stripe(), settings.storage(), settings.mail())
    assert SENTINEL not in repr(settings) + repr(rows) + repr(views)
    assert {row.name for row in rows} == set(field_names())
    assert next(r for r in rows if r.name == "STRIPE_SECRET_KEY").value == "sk_live_•••"


# --- names ---


@pytest.mark.parametrize("name", ["NIGHTLY_MAX_MAIL", "STAKACTL_HOM", "PDF_COMPANY_SIREN"])
def test_an_unknown_name_of_ours_is_a_slip(name: str, tmp_path: Path) -> None:
    assert "did you mean" in problems(tmp_path, **{name: "1"})[0]
    write(tmp_path, f"{name}=1\n")
    assert f"{name} ({tmp_path}/.env:1)" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    "name", ["STAKACTL_TEST_POSTGRESQL", "DATABASE_URL", "MAIL_HOST", "STRIPE_API_VERSION", "X_Y"]
)
def test_recognised_and_foreign_names_are_no_error(name: str, tmp_path: Path) -> None:
    write(tmp_path, f"{name}=1\n")
    assert problems(tmp_path, **{name: "1"}) == []


def test_invoices_of_stripe_are_adopted_unless_told_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path).stripe_invoices == "adopt"
    assert load(tmp_path, STRIPE_INVOICES="ignore").stripe_invoices == "ignore"
    with pytest.raises(ConfigurationError, match="STRIPE_INVOICES"):
        load(tmp_path, STRIPE_INVOICES="perhaps")


def test_a_near_miss_in_the_file_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, "STRIPE_SECRET_KEYS=1\n")
    assert any("did you mean STRIPE_SECRET_KEY?" in w for w in load(tmp_path).warnings)


def test_aliases_are_the_same_setting(tmp_path: Path) -> None:
    settings = load(tmp_path, S3_BUCKET_NAME="b", SMTP_PASSWORD="p", MINIO_BUCKET="m")
    assert (settings.aws_s3_bucket, settings.minio_bucket_name) == ("b", "m")
    assert problems(tmp_path, S3_BUCKET_NAME="b", AWS_S3_BUCKET="b") == []
    assert "something else" in problems(tmp_path, S3_BUCKET_NAME="b", AWS_S3_BUCKET="c")[0]


# --- Stripe ---


@pytest.mark.parametrize(
    ("key", "mode", "rate"),
    [
        (TEST_KEY, Mode.TEST, 20),
        (LIVE_KEY, Mode.LIVE, 80),
        ("rk_live_abc123", Mode.LIVE, 80),
        ("rk_test_abc123", Mode.TEST, 20),
    ],
)
def test_the_key_decides_the_mode(key: str, mode: Mode, rate: int, tmp_path: Path) -> None:
    settings = load(tmp_path, STRIPE_SECRET_KEY=key)
    access = settings.stripe()
    assert settings.mode() is access.mode is mode
    assert (access.secret_key, access.requests_per_second, access.api_base) == (key, rate, None)


def test_no_key_is_a_configuration_error_only_when_it_is_needed(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(ConfigurationError, match="STRIPE_SECRET_KEY is not set"):
        settings.stripe()


@pytest.mark.parametrize("name", ["APP_ENV", "NODE_ENV"])
def test_production_refuses_test_keys(name: str, tmp_path: Path) -> None:
    assert (
        "is a test key" in problems(tmp_path, STRIPE_SECRET_KEY=TEST_KEY, **{name: "Production"})[0]
    )
    assert problems(tmp_path, STRIPE_SECRET_KEY=LIVE_KEY, **{name: "production"}) == []


def test_a_live_key_goes_to_stripe_only(tmp_path: Path) -> None:
    for base in ("https://api.stripe.com.evil.example", "http://api.stripe.com", "http://[::1]:80"):
        found = problems(tmp_path, STRIPE_SECRET_KEY=LIVE_KEY, STRIPE_API_BASE=base)
        assert "not Stripe's own address" in found[0]
        assert problems(tmp_path, STRIPE_SECRET_KEY=TEST_KEY, STRIPE_API_BASE=base) == []
    own = {"STRIPE_SECRET_KEY": LIVE_KEY, "STRIPE_API_BASE": "https://api.stripe.com/"}
    assert load(tmp_path, **own).stripe().api_base == "https://api.stripe.com"


def test_stripes_own_ceiling_is_kept(tmp_path: Path) -> None:
    fast = {"STRIPE_SECRET_KEY": TEST_KEY, "STRIPE_REQUESTS_PER_SECOND": "50"}
    assert "Stripe allows 25 in test mode" in problems(tmp_path, **fast)[0]
    assert problems(tmp_path, **fast, STRIPE_API_BASE="http://localhost:12111") == []


@pytest.mark.parametrize("key", ["sk_live_...", "sk_test_xxxxx", "sk_live_…"])
def test_placeholders_are_told_from_values(key: str, tmp_path: Path) -> None:
    assert "placeholder" in problems(tmp_path, STRIPE_SECRET_KEY=key)[0]


# --- storage and mail ---


def test_s3_is_used_as_soon_as_it_is_set(tmp_path: Path) -> None:
    amazon = {
        "AWS_ACCESS_KEY_ID": "AKIA123",
        "AWS_SECRET_ACCESS_KEY": "abc/def+ghi",
        "AWS_S3_BUCKET": "invoices",
        "AWS_REGION": "eu-west-3",
    }
    storage = load(tmp_path, **amazon).storage()
    assert (storage.provider, storage.bucket) == (StorageProvider.S3, "invoices")
    assert (storage.access_key, storage.endpoint_url) == ("AKIA123", None)
    local = load(tmp_path, **amazon, STORAGE_PROVIDER="local")
    assert local.storage().provider is StorageProvider.LOCAL
    assert "AWS_S3_BUCKET is not used" in local.warnings[0]


def test_a_role_needs_no_keys(tmp_path: Path) -> None:
    storage = load(tmp_path, STORAGE_PROVIDER="s3", AWS_S3_BUCKET="invoices").storage()
    assert storage.access_key is None


def test_an_incomplete_storage_is_refused(tmp_path: Path) -> None:
    assert len(problems(tmp_path, STORAGE_PROVIDER="minio")) == 4
    half = {"STORAGE_PROVIDER": "s3", "AWS_S3_BUCKET": "b", "AWS_ACCESS_KEY_ID": "AKIA1"}
    assert problems(tmp_path, **half)[0].startswith("AWS_SECRET_ACCESS_KEY: is not set")


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [("localhost", "http://localhost:9000"), ("https://s3.example.com/", "https://s3.example.com")],
)
def test_minio(endpoint: str, url: str, tmp_path: Path) -> None:
    storage = load(
        tmp_path,
        STORAGE_PROVIDER="minio",
        MINIO_ENDPOINT=endpoint,
        MINIO_ACCESS_KEY="minioadmin",
        MINIO_SECRET_KEY="minioadmin",
        MINIO_BUCKET_NAME="docs",
    ).storage()
    assert (storage.endpoint_url, storage.bucket) == (url, "docs")


@pytest.mark.parametrize(
    ("given", "port", "security"),
    [
        ({}, 587, MailSecurity.STARTTLS),
        ({"SMTP_PORT": "465"}, 465, MailSecurity.TLS),
        ({"SMTP_PORT": "1025"}, 1025, MailSecurity.NONE),
        ({"SMTP_SECURITY": "tls"}, 465, MailSecurity.TLS),
        ({"SMTP_PORT": "2525", "SMTP_SECURITY": "none"}, 2525, MailSecurity.NONE),
    ],
)
def test_port_and_security_follow_each_other(
    given: dict[str, str], port: int, security: MailSecurity, tmp_path: Path
) -> None:
    mail = load(tmp_path, SMTP_HOST="localhost", FROM_EMAIL="a@example.com", **given).mail()
    assert (mail.transport, mail.port, mail.security) == (MailTransport.SMTP, port, security)


def test_sendgrid_is_an_smtp_relay(tmp_path: Path) -> None:
    key = "SG.abcdefghij.klmnopqrst"
    mail = load(tmp_path, SENDGRID_API_KEY=key, FROM_EMAIL="a@example.com").mail()
    assert (mail.host, mail.port, mail.user) == ("smtp.sendgrid.net", 587, "apikey")
    assert mail.password == key


def test_the_sender_falls_back(tmp_path: Path) -> None:
    smtp_from = {"SMTP_FROM": "Staka <noreply@example.com>"}
    mail = load(tmp_path, **smtp_from).mail()
    assert (mail.sender, mail.sender_name) == ("noreply@example.com", "Staka")
    named = load(tmp_path, **smtp_from, FROM_EMAIL="b@example.com", FROM_NAME="B").mail()
    assert (named.sender, named.sender_name) == ("b@example.com", "B")
    assert load(tmp_path, **smtp_from, INVOICE_EMAIL_FROM="c@x.fr").mail().sender == "c@x.fr"


@pytest.mark.parametrize("address", ["a", "a@b@c", "a@b.fr\nBcc: c@d.fr", "a b@c.fr"])
def test_a_sender_is_one_address(address: str, tmp_path: Path) -> None:
    assert "is no e-mail address" in problems(tmp_path, FROM_EMAIL=address)[0]


def test_a_malformed_sender_is_not_also_missing(tmp_path: Path) -> None:
    assert len(problems(tmp_path, SMTP_HOST="localhost", FROM_EMAIL="a")) == 1


def test_unencrypted_passwords_are_a_warning(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        SMTP_HOST="smtp.example.com",
        SMTP_SECURITY="none",
        SMTP_USER="u",
        SMTP_PASS="p",
        FROM_EMAIL="a@example.com",
    )
    assert "unencrypted" in settings.warnings[0]


# --- company and invoices ---


def test_the_company(tmp_path: Path) -> None:
    company = load(
        tmp_path,
        PDF_COMPANY_NAME="Éditions\nExemple",
        PDF_COMPANY_ADDRESS="12 rue Exemple, 75011 Paris",
        PDF_COMPANY_SIRET="732 829 320 00074",
        PDF_COMPANY_VAT_NUMBER="fr 44 732829320",
    ).company()
    assert company.name == "Éditions Exemple"
    address = company.address
    assert (address.line1, address.postal_code, address.city, address.country) == (
        "12 rue Exemple",
        "75011",
        "Paris",
        "FR",
    )
    assert (company.siren, company.vat_number) == ("732829320", "FR44732829320")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PDF_COMPANY_SIRET", "123 456 789 00012", "check digit"),
        ("PDF_COMPANY_SIRET", "732829320", "14 digits"),
        ("PDF_COMPANY_VAT_NUMBER", "FR45732829320", "key is wrong"),
        ("PDF_COMPANY_VAT_NUMBER", "44", "no VAT number"),
        ("PDF_COMPANY_COUNTRY", "France", "two letters"),
        ("CURRENCY", "euro", "no currency"),
        ("TAX_RATE", "19", "no French VAT rate"),
        ("TAX_RATE", "vingt", "no percentage"),
        ("TAX_RATE", "nan", "no percentage"),
        ("INVOICE_SERIES", "FACTURE DU MOIS", "series"),
        ("INVOICE_SERIES", "TEST-A", "test mode"),
        ("CREDIT_NOTE_SERIES", "FACT", "as INVOICE_SERIES is"),
        ("INVOICES_SINCE", "bientôt", "no date"),
        ("STAKACTL_TIME_ZONE", "Paris", "no time zone"),
        ("STAKACTL_TIME_ZONE", "../../etc/passwd", "no time zone"),
        ("FROM_NAME", "a\x1b[31m", "control character"),
    ],
)
def test_values_that_are_refused(name: str, value: str, reason: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, **{name: value})
    assert problem.startswith(f"{name} (environment): ")
    assert reason in problem


def test_la_poste_has_a_check_sum_of_its_own(tmp_path: Path) -> None:
    assert load(tmp_path, PDF_COMPANY_SIRET="35600000049837").pdf_company_siret


def test_siret_and_vat_number_belong_together(tmp_path: Path) -> None:
    found = problems(
        tmp_path, PDF_COMPANY_SIRET="73282932000074", PDF_COMPANY_VAT_NUMBER="FR90000000026"
    )
    assert "SIREN" in found[0]


@pytest.mark.parametrize(
    ("text", "rate"), [("20", "20"), ("5,5", "5.5"), ("20 %", "20"), ("0.9", "0.9"), ("0", "0")]
)
def test_rates(text: str, rate: str, tmp_path: Path) -> None:
    assert load(tmp_path, TAX_RATE=text).tax_rate == Decimal(rate)


def test_a_date_is_midnight_in_the_time_zone(tmp_path: Path) -> None:
    summer = load(tmp_path, INVOICES_SINCE="2026-09-01")
    assert summer.invoices_since == summer.mail_since == datetime(2026, 8, 31, 22, tzinfo=UTC)
    settings = load(
        tmp_path,
        INVOICES_SINCE="2026-01-01T10:00:00",
        MAIL_SINCE="2026-02-01T10:00:00-05:00",
        STAKACTL_TIME_ZONE="America/Martinique",
    )
    assert settings.invoices_since == datetime(2026, 1, 1, 14, tzinfo=UTC)
    assert settings.mail_since == datetime(2026, 2, 1, 15, tzinfo=UTC)


def test_test_mode_has_a_series_of_its_own(tmp_path: Path) -> None:
    assert load(tmp_path, STRIPE_SECRET_KEY=LIVE_KEY).series() == Series("FACT")
    assert load(tmp_path, STRIPE_SECRET_KEY=TEST_KEY).series() == Series("TEST-FACT")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgres://u:p@h/db?x=1", "postgresql+psycopg://u:p@h/db?x=1"),
        ("postgresql+psycopg://h/db", "postgresql+psycopg://h/db"),
        ("sqlite:////srv/s.db", "sqlite:////srv/s.db"),
    ],
)
def test_database_urls(given: str, url: str, tmp_path: Path) -> None:
    assert load(tmp_path, STAKACTL_DATABASE_URL=given).store_url == url


# --- the demo ---


def test_the_demo_ignores_every_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Settings.for_demo(tmp_path / "demo")
    for name in field_names():
        monkeypatch.setenv(name, "sk_live_hostile")
    monkeypatch.setenv("STAKACTL_HOM", "slip")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "STRIPE_SECRET_KEY=sk_live_hostile\nSMTP_HOST=mail.example.com\nbroken\n")
    demo = Settings.for_demo(tmp_path / "demo", api_base="http://127.0.0.1:9")
    assert demo.model_copy(update={"stripe_api_base": None}) == expected
    assert demo.home == tmp_path / "demo"
    assert demo.mode() is Mode.DEMO
    assert demo.stripe().api_base == "http://127.0.0.1:9"
    assert demo.storage().provider is StorageProvider.LOCAL
    assert demo.mail().transport is MailTransport.FOLDER
    assert demo.company_gaps() == ()
    assert demo.series() == Series("FACT")
    assert demo.invoices_since == demo.mail_since == datetime(2000, 1, 1, tzinfo=UTC)
    assert {row.origin for row in setting_rows(demo)} == {"demo"}


# --- the application's orders ---

SHOP = "mysql://u:geheim@db.example:3306/shop"


def test_without_a_mapping_the_applications_database_is_not_looked_at(tmp_path: Path) -> None:
    for url in (SHOP, "mongodb://x", "what ever"):
        assert load(tmp_path, DATABASE_URL=url).application() is None


def test_a_mapping_reads_the_applications_own_name_or_ours(tmp_path: Path) -> None:
    write(tmp_path, f"DATABASE_URL={SHOP}\nORDERS_MAPPING=shop.toml\n")
    access = load(tmp_path).application()
    assert access is not None
    assert (access.url, access.setting, access.write) == (SHOP, "DATABASE_URL", OrdersWrite.OFF)
    assert (access.mapping, access.folder) == ("shop.toml", tmp_path)
    assert "geheim" not in repr(access)
    ours = load(tmp_path, ORDERS_DATABASE_URL="postgresql://h/shop").application()
    assert ours is not None
    assert (ours.url, ours.setting) == ("postgresql://h/shop", "ORDERS_DATABASE_URL")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ORDERS_DATABASE_URL": SHOP}, "ORDERS_DATABASE_URL (environment): has no effect without"),
        ({"ORDERS_WRITE": "sql"}, "ORDERS_WRITE (environment): has no effect without"),
        ({"ORDERS_MAPPING": "staka"}, "ORDERS_DATABASE_URL: is not set, but ORDERS_MAPPING is"),
        ({"ORDERS_MAPPING": "staka", "DATABASE_URL": "mongodb://h/shop"}, "DATABASE_URL"),
        ({"ORDERS_MAPPING": "staka", "ORDERS_DATABASE_URL": "shop"}, "is no database URL"),
        ({"ORDERS_WRITE": "perhaps"}, "it must be one of 'off', 'repost' or 'sql'"),
        ({"STRIPE_WEBHOOK_SECRET": "sk_live_x"}, "no signing secret"),
    ],
)
def test_what_does_not_fit_about_orders(values: dict[str, str], words: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, **values)
    assert words in problem
    assert "geheim" not in problem


def test_reposting_needs_an_address_and_a_secret(tmp_path: Path) -> None:
    repost = {"ORDERS_MAPPING": "staka", "DATABASE_URL": SHOP, "ORDERS_WRITE": "repost"}
    assert len(problems(tmp_path, **repost)) == 2
    repost["STRIPE_WEBHOOK_SECRET"] = "whsec_abc"
    for url, fits in (
        ("https://shop.example.com/hook", True),
        ("http://localhost:3000/hook", True),
        ("http://shop.example.com/hook", False),
    ):
        assert (problems(tmp_path, **repost, STRIPE_WEBHOOK_URL=url) == []) is fits
    access = load(tmp_path, **repost, STRIPE_WEBHOOK_URL="https://shop.example.com/h").application()
    assert access is not None
    assert access.webhook_url == "https://shop.example.com/h"
    assert access.webhook_secret == "whsec_abc"


@pytest.mark.parametrize("name", ["ADMIN_PAYMENT_NOTICE", "ADMIN_NIGHTLY_REPORT"])
def test_telling_the_company_needs_an_address(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}.* needs ADMIN_EMAIL"):
        load(tmp_path, **{name: "true"})
    assert load(tmp_path, **{name: "true", "ADMIN_EMAIL": "boss@example.com"}).admin_email


def test_mails_per_minute(tmp_path: Path) -> None:
    assert load(tmp_path).mails_per_minute is None
    assert load(tmp_path, MAILS_PER_MINUTE="30").mails_per_minute == 30
    with pytest.raises(ConfigurationError, match="MAILS_PER_MINUTE"):
        load(tmp_path, MAILS_PER_MINUTE="0")


def test_notices_come_from_another_sender_than_invoices(tmp_path: Path) -> None:
    smtp = {"SMTP_HOST": "smtp.example.com", "INVOICE_EMAIL_FROM": "billing@example.com"}
    assert load(tmp_path, **smtp).mail().sender_for_notices == "billing@example.com"
    both = load(tmp_path, **smtp, FROM_EMAIL="Shop <hello@example.com>").mail()
    assert (both.sender, both.sender_for_notices) == ("billing@example.com", "hello@example.com")
