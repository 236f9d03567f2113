package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.notice.Notices;
import dev.cairn.queue.Messages;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.certificate.Trust;
import dev.cairn.server.configuration.TopicSettings;
import dev.cairn.server.courier.Addresses;
import dev.cairn.server.courier.HttpCalls;
import dev.cairn.server.courier.HttpCourier;
import dev.cairn.server.courier.Letters;
import dev.cairn.server.courier.Mail;
import dev.cairn.server.courier.MailCourier;
import dev.cairn.server.courier.MailSender;
import dev.cairn.server.courier.MailServer;
import dev.cairn.server.courier.Rounds;
import dev.cairn.server.operation.Receivers;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Outbound.Parcel;
import dev.cairn.topic.Publishing;
import dev.cairn.topic.TopicKeys;
import dev.cairn.topic.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Topics and notices, with what carries their messages.
final class Post implements Receivers {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final TopicSettings settings;
    private final Addresses addresses;
    private final InstantSource clock;
    private final @Nullable SSLSocketFactory tls;
    private final HttpCourier http;
    private final Semaphore letters = new Semaphore(0);
    private final Semaphore noticed = new Semaphore(0);
    private @Nullable MailCourier mail;
    private @Nullable MailSender sender;

    final TopicKeys keys;
    final Outbound outbound;
    final Topics topics;
    final Notices notices;

    /// @param url where the server listens, once it does
    /// @throws IOException when the root certificates for receivers cannot be read
    Post(
            TopicSettings settings,
            Catalog catalog,
            Vault vault,
            Secrets secrets,
            Messages queues,
            Supplier<String> url,
            Duration pendingMax,
            InstantSource clock)
            throws IOException {
        this.settings = settings;
        this.tls =
                settings.receiverRoots() == null
                        ? null
                        : Trust.roots(settings.receiverRoots()).getSocketFactory();
        this.addresses = new Addresses(settings.privateAddresses());
        this.http = new HttpCourier(calls(addresses));
        this.clock = clock;
        keys = new TopicKeys(catalog, vault, new SystemKeys()::make);
        outbound = new Outbound(catalog, queues, settings.retryFor(), letters::release);
        var publishing =
                new Publishing(
                        outbound,
                        keys,
                        () -> settings.url().isEmpty() ? url.get() : settings.url(),
                        secrets);
        topics = new Topics(catalog, publishing, secrets);
        notices = new Notices(catalog, topics, pendingMax, noticed::release);
    }

    /// Starts carrying what is new, and once a second what is to be tried again; the server must be
    /// listening, since messages link to it.
    AutoCloseable startRounds() {
        var rounds =
                new Rounds<>(
                        new Letters(outbound, this::courier, clock),
                        Letters.AT_ONCE,
                        letters,
                        clock);
        var lookout =
                new Lookout("couriers", "messages of topics wait", LOOK, letters, rounds::look);
        lookout.start();
        return () -> {
            lookout.close();
            rounds.close();
        };
    }

    /// Starts publishing notices, as [#startRounds].
    NoticeReader startNotices() {
        return NoticeReader.start(notices, noticed, clock);
    }

    @Override
    public Optional<String> refusal(String host) {
        return addresses.refusal(host);
    }

    @Override
    public boolean takesMail() {
        return !settings.mailHost().isEmpty();
    }

    /// Gives a mail to the mail server.
    Courier.Outcome send(Mail mail) {
        return takesMail()
                ? sender().send(mail)
                : new Courier.Outcome.Failed("mail.smtp-host names no mail server");
    }

    private synchronized MailSender sender() {
        if (sender == null) {
            sender =
                    new MailSender(
                            new MailServer(
                                    settings.mailHost(),
                                    settings.mailPort(),
                                    settings.mailFrom(),
                                    settings.mailUser(),
                                    settings.mailPassword(),
                                    MailServer.Security.valueOf(settings.mailSecurity()),
                                    tls),
                            clock);
        }
        return sender;
    }

    /// Calls to wherever subscribers and callers may have Cairn call.
    HttpCalls calls() {
        return calls(addresses);
    }

    /// Calls to where the operator says.
    HttpCalls callsAnywhere() {
        return calls(Addresses.ALL);
    }

    private HttpCalls calls(Addresses which) {
        return new HttpCalls(
                which, () -> tls == null ? (SSLSocketFactory) SSLSocketFactory.getDefault() : tls);
    }

    /// That for mails is made on first use.
    synchronized Courier courier(Parcel parcel) {
        return switch (parcel.to().protocol()) {
            case HTTP, HTTPS -> http;
            case EMAIL, EMAIL_JSON -> {
                if (!takesMail()) {
                    yield _ -> new Courier.Outcome.Failed("mail.smtp-host names no mail server");
                }
                if (mail == null) {
                    mail = new MailCourier(sender());
                }
                yield mail;
            }
            case SQS ->
                    throw new IllegalStateException(
                            "expected a receiver outside, got the queue " + parcel.to().endpoint());
        };
    }
}
