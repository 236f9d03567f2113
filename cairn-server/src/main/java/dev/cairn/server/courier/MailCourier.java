package dev.cairn.server.courier;

import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound.Parcel;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

/// Gives mails to a mail server. What the server says with a 5xx about the message or its receiver
/// is for good; anything else is tried again. Each mail's `Message-ID` is made of the message id,
/// the same on every try, so that a mailbox can tell a repetition.
public final class MailCourier implements Courier {
    private static final Duration TIME_MAX = Duration.ofSeconds(15);

    private final MailServer server;
    private final Session session;
    private final InstantSource clock;

    public MailCourier(MailServer server, InstantSource clock) {
        this.server = server;
        this.clock = clock;
        var properties = new Properties();
        var protocol = server.security() == MailServer.Security.TLS ? "smtps" : "smtp";
        properties.put("mail.transport.protocol", protocol);
        for (var name : new String[] {"connectiontimeout", "timeout", "writetimeout"}) {
            properties.put("mail." + protocol + "." + name, Long.toString(TIME_MAX.toMillis()));
        }
        properties.put(
                "mail.smtp.starttls.enable",
                Boolean.toString(server.security() == MailServer.Security.STARTTLS));
        properties.put(
                "mail.smtp.starttls.required",
                Boolean.toString(server.security() == MailServer.Security.STARTTLS));
        properties.put("mail." + protocol + ".ssl.checkserveridentity", "true");
        if (server.tls() != null) {
            properties.put("mail." + protocol + ".ssl.socketFactory", server.tls());
        }
        properties.put("mail." + protocol + ".auth", Boolean.toString(!server.user().isEmpty()));
        session = Session.getInstance(properties);
    }

    @Override
    public Outcome carry(Parcel parcel) {
        try {
            var mail = mail(parcel, clock.instant());
            try (var transport = session.getTransport()) {
                transport.connect(
                        server.host(),
                        server.port(),
                        server.user().isEmpty() ? null : server.user(),
                        server.user().isEmpty() ? null : server.password().reveal());
                transport.sendMessage(mail, mail.getAllRecipients());
            }
            return new Outcome.Taken();
        } catch (AuthenticationFailedException _) {
            return new Outcome.Failed("the mail server refuses mail.user");
        } catch (MessagingException failure) {
            return isForGood(failure)
                    ? new Outcome.Refused(failure.toString())
                    : new Outcome.Failed(failure.toString());
        }
    }

    private Message mail(Parcel parcel, Instant now) throws MessagingException {
        var mail =
                new MimeMessage(session) {
                    @Override
                    protected void updateMessageID() throws MessagingException {
                        setHeader(
                                "Message-ID",
                                "<%s.%s@cairn>".formatted(parcel.messageId(), parcel.to().id()));
                    }
                };
        mail.setFrom(new InternetAddress(server.from()));
        mail.setRecipient(
                Message.RecipientType.TO, new InternetAddress(parcel.to().endpoint(), true));
        mail.setSubject(parcel.subject(), "UTF-8");
        mail.setSentDate(Date.from(now));
        mail.setText(parcel.body(), "UTF-8");
        return mail;
    }

    private static boolean isForGood(MessagingException failure) {
        for (Exception cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof SMTPAddressFailedException address
                    && address.getReturnCode() >= 500) {
                return true;
            }
            if (cause instanceof SMTPSendFailedException send && send.getReturnCode() >= 500) {
                return true;
            }
        }
        return false;
    }

    private static @org.jspecify.annotations.Nullable Exception next(Exception failure) {
        return failure instanceof SendFailedException send ? send.getNextException() : null;
    }
}
