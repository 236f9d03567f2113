package dev.cairn.server.courier;

import dev.cairn.topic.Courier;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

/// Gives mails to a mail server. What the server says with a 5xx about the mail or its receiver is
/// for good; anything else is tried again. From any thread.
public final class MailSender {
    private static final Duration TIME_MAX = Duration.ofSeconds(15);

    private final MailServer server;
    private final Session session;
    private final InstantSource clock;

    public MailSender(MailServer server, InstantSource clock) {
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

    /// Tries once.
    public Courier.Outcome send(Mail mail) {
        try {
            var message = message(mail, clock.instant());
            try (var transport = session.getTransport()) {
                transport.connect(
                        server.host(),
                        server.port(),
                        server.user().isEmpty() ? null : server.user(),
                        server.user().isEmpty() ? null : server.password().reveal());
                transport.sendMessage(message, message.getAllRecipients());
            }
            return new Courier.Outcome.Taken();
        } catch (AuthenticationFailedException _) {
            return new Courier.Outcome.Failed("the mail server refuses mail.user");
        } catch (MessagingException failure) {
            return isForGood(failure)
                    ? new Courier.Outcome.Refused(failure.toString())
                    : new Courier.Outcome.Failed(failure.toString());
        }
    }

    private Message message(Mail mail, Instant now) throws MessagingException {
        var message =
                new MimeMessage(session) {
                    @Override
                    protected void updateMessageID() throws MessagingException {
                        setHeader("Message-ID", "<%s@cairn>".formatted(mail.id()));
                    }
                };
        message.setFrom(new InternetAddress(server.from()));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(mail.to(), true));
        message.setSubject(mail.subject(), "UTF-8");
        message.setSentDate(Date.from(now));
        if (mail.html() == null) {
            message.setText(mail.text(), "UTF-8");
        } else {
            var plain = new MimeBodyPart();
            plain.setText(mail.text(), "UTF-8");
            var page = new MimeBodyPart();
            page.setText(mail.html(), "UTF-8", "html");
            // The last is the one that is liked best (RFC 2046, section 5.1.4).
            message.setContent(new MimeMultipart("alternative", plain, page));
        }
        return message;
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
