"""What Amazon SNS writes to the subscribers of a topic by e-mail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from cloudworthy.local.observe.mail.mailbox import Mail

_DEFAULT_SUBJECT = "AWS Notification Message"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message that was published to a topic.

    ``messages`` are by protocol, with ``default`` for those that have none of their own.
    """

    topic_arn: str
    message_id: str
    messages: Mapping[str, str]
    subject: str = ""
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, protocol: str) -> str:
        return self.messages.get(protocol) or self.messages.get("default", "")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who gets a topic's messages."""

    arn: str
    protocol: str
    """``email`` or ``email-json``."""
    endpoint: str


def mail_of(notification: Notification, subscription: Subscription, now: datetime) -> Mail:
    """The e-mail of one subscriber.

    Source: Amazon SNS developer guide, "Email notifications"; the words around the message are
    those of AWS's e-mails.
    """
    text = notification.text(subscription.protocol)
    subject = notification.subject or _DEFAULT_SUBJECT
    unsubscribe = _unsubscribe_url(notification, subscription)
    if subscription.protocol == "email-json":
        body = _document(notification, text, unsubscribe, now)
    else:
        body = (
            f"{text.rstrip()}\n\n--\n"
            "If you wish to stop receiving notifications from this topic, please click or visit "
            f"the link below to unsubscribe:\n{unsubscribe}\n\n"
            "Please do not reply directly to this email. If you have any questions or comments "
            "regarding this email, please contact us at https://aws.amazon.com/support\n"
        )
    return Mail(subscription.endpoint, subject, body, now)


def _document(notification: Notification, text: str, unsubscribe: str, now: datetime) -> str:
    """Without a signature, which nobody could check against a certificate of AWS."""
    document: dict[str, object] = {
        "Type": "Notification",
        "MessageId": notification.message_id,
        "TopicArn": notification.topic_arn,
        "Message": text,
        "Timestamp": f"{now.astimezone(UTC).isoformat('T', 'milliseconds')[:23]}Z",
        "UnsubscribeURL": unsubscribe,
    }
    if notification.subject:
        document["Subject"] = notification.subject
    if notification.attributes:
        document["MessageAttributes"] = notification.attributes
    return json.dumps(document, indent=2) + "\n"


def _unsubscribe_url(notification: Notification, subscription: Subscription) -> str:
    region = notification.topic_arn.split(":")[3]
    return (
        f"https://sns.{region}.amazonaws.com/unsubscribe.html"
        f"?SubscriptionArn={subscription.arn}&Endpoint={quote(subscription.endpoint)}"
    )
