package dev.cairn.server.courier;

import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound.Parcel;

/// Carries messages of topics as mails. Each has the id of its message and of the subscription, the
/// same on every try.
public final class MailCourier implements Courier {
    private final MailSender sender;

    public MailCourier(MailSender sender) {
        this.sender = sender;
    }

    @Override
    public Outcome carry(Parcel parcel) {
        return sender.send(
                new Mail(
                        parcel.messageId() + "." + parcel.to().id(),
                        parcel.to().endpoint(),
                        parcel.subject(),
                        parcel.body(),
                        null));
    }
}
