from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from cloudworthy.local.observe.mail.mailbox import Mail, Mailbox, read_mail
from cloudworthy.local.observe.mail.notification import Notification, Subscription, mail_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:000000000000:news"
NEWS = Notification(TOPIC, "m-1", {"default": "für alle", "email": "für Menschen"}, "Neues")


def test_a_message_is_a_file_that_mail_programs_read(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mailbox")
    first = mailbox.deliver(Mail("a@example.com", "Grüße\nX-Evil: 1", "Zeile 1\nZeile 2\n", NOW))
    second = mailbox.deliver(Mail("b@example.com", "second", "text\n", NOW))
    assert mailbox.paths() == [first, second]
    message = read_mail(first)
    assert message["Subject"] == "Grüße X-Evil: 1"
    assert message["X-Evil"] is None
    assert message["From"] == "AWS Notifications <no-reply@sns.amazonaws.com>"
    assert message["Date"] == "Wed, 04 Mar 2026 05:06:07 +0000"
    assert message.get_content().splitlines() == ["Zeile 1", "Zeile 2"]
    assert first.stat().st_mode & 0o777 == 0o600
    assert {path.suffix for path in (tmp_path / "mailbox").iterdir()} == {".eml"}


def test_followers_see_what_is_there_and_what_comes(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mailbox")
    delivered = [mailbox.deliver(Mail("a@example.com", "first", "", NOW))]

    def deliver_more(_seconds: float) -> None:
        delivered.append(mailbox.deliver(Mail("a@example.com", "next", "", NOW)))

    following = mailbox.follow(sleep=deliver_more)
    assert [next(following) for _ in range(3)] == delivered


def test_people_read_a_text(tmp_path: Path) -> None:
    mail = mail_of(NEWS, Subscription(f"{TOPIC}:1", "email", "a@example.com"), NOW)
    assert (mail.recipient, mail.subject) == ("a@example.com", "Neues")
    assert mail.body.startswith("für Menschen\n\n--\nIf you wish to stop receiving")
    assert f"unsubscribe.html?SubscriptionArn={TOPIC}:1&Endpoint=a%40example.com" in mail.body
    assert "für Menschen" in read_mail(Mailbox(tmp_path).deliver(mail)).get_content()


def test_programs_read_json() -> None:
    plain = Notification(TOPIC, "m-1", {"default": "text"})
    mail = mail_of(plain, Subscription(f"{TOPIC}:1", "email-json", "a@example.com"), NOW)
    assert mail.subject == "AWS Notification Message"
    document = json.loads(mail.body)
    assert document["Type"] == "Notification"
    assert (document["Message"], document["MessageId"]) == ("text", "m-1")
    assert document["Timestamp"] == "2026-03-04T05:06:07.000Z"
    assert "Subject" not in document
