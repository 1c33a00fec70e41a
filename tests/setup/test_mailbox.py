"""Where the demo's mails go: a real dialogue with the mailbox, or a named server."""

import email
import email.policy
import os
import smtplib
from email.message import EmailMessage

import pytest
from dso_setup import mailbox, run
from dso_setup.console import Problem
from dso_setup.ledger_file import Ledger


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Nothing about mail, whatever the machine says; restored in the end."""
    for name in [n for n in os.environ if n.startswith("ODOO_SMTP_")] + [*mailbox.ODOO]:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def message(subject, to="ada@example.com", text="Please pay."):
    mail = EmailMessage()
    mail["From"] = "collector@example.com"
    mail["To"] = to
    mail["Subject"] = subject
    mail.set_content(text)
    return mail


def send(port, *messages):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for mail in messages:
            client.send_message(mail)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_messages_are_kept_under_readable_names(tmp_path):
    with mailbox.Mailbox(tmp_path / "new") as box:
        send(
            box.port,
            message("Reminder: 2,700.00 open / INV-1", text="Zahlen Sie bitte: 5 €"),
            message("../../etc: Mahnung über 5 €", to="bob@example.com"),
            message(""),
        )
        send(box.port, message("x" * 200))
    assert files(box.folder) == [
        "0001-ada@example.com-reminder-2-700-00-open-inv-1.eml",
        "0002-bob@example.com-etc-mahnung-über-5.eml",
        "0003-ada@example.com-no-subject.eml",
        f"0004-ada@example.com-{'x' * 60}.eml",
    ]
    [first, *_others] = sorted(box.folder.iterdir())
    kept = email.message_from_bytes(first.read_bytes(), policy=email.policy.default)
    assert kept["Subject"] == "Reminder: 2,700.00 open / INV-1"
    assert kept.get_content().strip() == "Zahlen Sie bitte: 5 €"


def test_numbers_go_on_and_other_files_stay(tmp_path):
    (tmp_path / "notes.txt").touch()
    for subject in ("One", "Two"):
        with mailbox.Mailbox(tmp_path) as box:
            send(box.port, message(subject))
    assert files(tmp_path) == [
        "0001-ada@example.com-one.eml",
        "0002-ada@example.com-two.eml",
        "notes.txt",
    ]
    mailbox.empty(tmp_path)
    assert files(tmp_path) == ["notes.txt"]


def test_a_recipient_is_no_path(tmp_path):
    with mailbox.Mailbox(tmp_path) as box:
        path = box.keep("../up/../a@b", message("Hi").as_bytes())
    assert path.parent == tmp_path
    assert path.name == "0001-..up..a@b-hi.eml"


def test_it_ends_with_a_client_connected(tmp_path):
    with mailbox.Mailbox(tmp_path) as box:
        client = smtplib.SMTP("127.0.0.1", box.port, timeout=60)
        client.ehlo()
    with pytest.raises((smtplib.SMTPException, OSError)):
        client.noop()
        client.docmd("NOOP")
    client.close()
    with pytest.raises(OSError):
        smtplib.SMTP("127.0.0.1", box.port, timeout=60)


def test_odoo_delivers_to_the_mailbox_for_as_long_as_it_is_open(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "FOLDER", tmp_path)
    with mailbox.delivering({}) as destination:
        assert not destination.real
        assert os.environ["ODOO_SMTP_SERVER"] == "127.0.0.1"
        send(int(os.environ["ODOO_SMTP_PORT"]), message("Hello"))
    assert files(tmp_path) == ["0001-ada@example.com-hello.eml"]
    assert not mailbox.ODOO & set(os.environ)


@pytest.mark.parametrize(
    "given, server",
    [
        ({}, {"PORT": "25", "SSL": "False", "USER": "", "PASSWORD": ""}),
        ({"ENCRYPTION": "STARTTLS"}, {"PORT": "587", "SSL": "True"}),
        ({"ENCRYPTION": "starttls", "PORT": "2525"}, {"PORT": "2525", "SSL": "True"}),
        ({"USER": "me", "PASSWORD": "s"}, {"USER": "me", "PASSWORD": "s"}),
    ],
)
def test_a_named_mail_server(environment, given, server):
    for name, value in {"HOST": "smtp.example.com", **given}.items():
        environment.setenv(f"ODOO_SMTP_{name}", value)
    settings = mailbox.settings()
    assert settings["ODOO_SMTP_SERVER"] == "smtp.example.com"
    for name, value in server.items():
        assert settings[f"ODOO_SMTP_{name}"] == value
    assert "ODOO_EMAIL_FROM" not in settings
    with mailbox.delivering(settings) as destination:
        assert destination.real
        assert destination.name.startswith("mail server smtp.example.com:")
        assert os.environ["ODOO_SMTP_SERVER"] == "smtp.example.com"
    assert not mailbox.ODOO & set(os.environ)


def test_the_only_sender_address_of_a_mail_server(environment):
    environment.setenv("ODOO_SMTP_HOST", "smtp.example.com")
    environment.setenv("ODOO_SMTP_FROM", "me@example.com")
    settings = mailbox.settings()
    assert settings["ODOO_EMAIL_FROM"] == "me@example.com"
    assert settings["ODOO_FROM_FILTER"] == "me@example.com"


def test_without_a_host_odoo_is_told_of_no_server(environment):
    """What else the environment says must not reach Odoo, which would obey it."""
    environment.setenv("ODOO_SMTP_SERVER", "smtp.example.com")
    environment.setenv("ODOO_SMTP_PORT", "25")
    assert mailbox.settings() == {}
    assert not mailbox.ODOO & set(os.environ)


def test_the_customers_of_a_ledger_get_no_mail(environment):
    environment.setenv("ODOO_SMTP_HOST", "smtp.example.com")
    assert run._mail_server(book=None)["ODOO_SMTP_SERVER"] == "smtp.example.com"
    assert run._mail_server(book=Ledger("Mine.csv", "digest")) == {}


@pytest.mark.parametrize(
    "name, value, line",
    [
        ("ENCRYPTION", "ssl", "ODOO_SMTP_ENCRYPTION=ssl is not known.*none, starttls"),
        ("PORT", "smtp", "ODOO_SMTP_PORT=smtp is no port.*set a number"),
        ("PORT", "70000", "ODOO_SMTP_PORT=70000 is no port"),
    ],
)
def test_a_wrong_variable_is_refused(environment, name, value, line):
    environment.setenv("ODOO_SMTP_HOST", "smtp.example.com")
    environment.setenv(f"ODOO_SMTP_{name}", value)
    with pytest.raises(Problem, match=line):
        mailbox.settings()
