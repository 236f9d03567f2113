package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.cairn.testkit.wire.TestCertificate;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/// Receivers of topics: a mail server, and an HTTPS server whose certificate no public root knows.
/// Both can be away for a while.
final class Inboxes implements AutoCloseable {
    private static final Duration ARRIVES_MAX = Duration.ofSeconds(60);
    private static final Pattern LINK = Pattern.compile("https?://\\S+");
    private static final String HOST = "127.0.0.1";

    private final TestCertificate certificate;
    private final HttpsServer https;
    private final List<JsonNode> posts = new CopyOnWriteArrayList<>();
    private final int smtpPort;
    private GreenMail smtp;
    private volatile boolean away;

    Inboxes(Path folder) throws Exception {
        certificate = TestCertificate.make(folder, "receiver", "ip:" + HOST, "EC");
        https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
        https.createContext(
                "/",
                exchange -> {
                    var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                    if (!away) {
                        posts.add(Wire.JSON.readTree(body));
                    }
                    exchange.sendResponseHeaders(away ? 503 : 200, -1);
                    exchange.close();
                });
        https.start();
        smtp = mail(0);
        smtpPort = smtp.getSmtp().getPort();
    }

    private static GreenMail mail(int port) {
        var mail = new GreenMail(new ServerSetup(port, HOST, ServerSetup.PROTOCOL_SMTP));
        mail.start();
        return mail;
    }

    /// What has a Cairn reach them.
    String[] settings() {
        return new String[] {
            "topic.private-addresses=" + HOST,
            "topic.receivers-ca=" + certificate.certificate(),
            "mail.smtp-host=" + HOST,
            "mail.smtp-port=" + smtpPort,
            "mail.security=none"
        };
    }

    /// Where to post.
    String url() {
        return "https://%s:%d/alarms".formatted(HOST, https.getAddress().getPort());
    }

    /// The mail server takes nothing, the HTTPS server answers 503.
    void leave() {
        away = true;
        smtp.stop();
    }

    void comeBack() {
        away = false;
        smtp = mail(smtpPort);
    }

    /// What was posted, of a type such as `Notification`; waits for the first one.
    List<JsonNode> posts(String type) throws Exception {
        return Await.value(
                Await.Bound.of("a post of type " + type, ARRIVES_MAX),
                () ->
                        posts.stream()
                                .filter(post -> post.path("Type").asText().equals(type))
                                .toList(),
                some -> !some.isEmpty());
    }

    /// Mails with that word in their subject; waits for the first one.
    List<MimeMessage> mails(String word) throws Exception {
        return Await.value(
                Await.Bound.of("a mail about " + word, ARRIVES_MAX),
                () -> {
                    var found = new ArrayList<MimeMessage>();
                    for (var mail : smtp.getReceivedMessages()) {
                        if (mail.getSubject().contains(word)) {
                            found.add(mail);
                        }
                    }
                    return found;
                },
                some -> !some.isEmpty());
    }

    /// Does what a person and a program do who were asked to confirm.
    void confirm() throws Exception {
        var link = LINK.matcher(mails("Confirmation").getFirst().getContent().toString());
        if (!link.find()) {
            throw new AssertionError("expected a link in the mail");
        }
        visit(link.group());
        visit(posts("SubscriptionConfirmation").getFirst().path("SubscribeURL").asText());
    }

    private static void visit(String url) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var status =
                    http.send(
                                    HttpRequest.newBuilder(URI.create(url)).build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode();
            if (status != 200) {
                throw new AssertionError("expected 200 at %s, got %d".formatted(url, status));
            }
        }
    }

    @Override
    public void close() {
        https.stop(0);
        smtp.stop();
    }
}
