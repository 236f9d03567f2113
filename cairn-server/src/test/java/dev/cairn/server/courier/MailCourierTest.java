package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.secret.Secret;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound.Parcel;
import dev.cairn.topic.Subscription.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailCourierTest {
    /// A mail server for one mail, which answers the receiver's address as it is told to.
    private static CompletableFuture<String> serve(ServerSocket listening, String toReceiver) {
        var mail = new CompletableFuture<String>();
        Thread.ofVirtual()
                .start(() -> {
                    try (var socket = listening.accept()) {
                        mail.complete(talk(socket, toReceiver));
                    } catch (IOException failure) {
                        mail.completeExceptionally(failure);
                    }
                });
        return mail;
    }

    private static String talk(Socket socket, String toReceiver) throws IOException {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        var out = socket.getOutputStream();
        var mail = new StringBuilder();
        out.write("220 test\r\n".getBytes(US_ASCII));
        String line;
        var data = false;
        while ((line = in.readLine()) != null) {
            String answer;
            if (data) {
                data = !line.equals(".");
                mail.append(line).append('\n');
                answer = data ? "" : "250 taken";
            } else if (line.startsWith("RCPT")) {
                answer = toReceiver;
            } else if (line.equals("DATA")) {
                data = true;
                answer = "354 go on";
            } else if (line.equals("QUIT")) {
                answer = "221 bye";
            } else {
                answer = "250 ok";
            }
            if (!answer.isEmpty()) {
                out.write((answer + "\r\n").getBytes(US_ASCII));
            }
        }
        return mail.toString();
    }

    private static MailCourier courier(int port) {
        return new MailCourier(sender(port));
    }

    private static MailSender sender(int port) {
        return new MailSender(
                new MailServer(
                        InetAddress.getLoopbackAddress().getHostAddress(),
                        port,
                        "cairn@example.org",
                        "",
                        new Secret(""),
                        MailServer.Security.NONE,
                        null),
                InstantSource.fixed(Parcels.NOW));
    }

    private static Parcel question() throws Exception {
        return Parcels.question(Protocol.EMAIL, "ops@example.org");
    }

    @Test
    void a_mail_names_receiver_and_message_and_has_the_link() throws Exception {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var mail = serve(listening, "250 ok");
            var parcel = question();
            assertThat(courier(listening.getLocalPort()).carry(parcel))
                    .isEqualTo(new Courier.Outcome.Taken());
            assertThat(mail.get(60, TimeUnit.SECONDS))
                    .contains("To: ops@example.org\n")
                    .contains("Subject: audit - Subscription Confirmation\n")
                    .contains("Message-ID: <" + parcel.messageId() + ".")
                    .contains(
                            "http://cairn/confirm?Action=ConfirmSubscription&TopicArn="
                                    + Parcels.ARN
                                    + "&Token="
                                    + parcel.to().token());
        }
    }

    @Test
    void an_address_that_is_refused_is_not_tried_again_and_one_that_must_wait_is()
            throws Exception {
        for (var answer : new String[] {"550 no such user", "451 later"}) {
            try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                var mail = serve(listening, answer);
                assertThat(courier(listening.getLocalPort()).carry(question()))
                        .isInstanceOf(
                                answer.startsWith("5")
                                        ? Courier.Outcome.Refused.class
                                        : Courier.Outcome.Failed.class);
                assertThat(mail.get(60, TimeUnit.SECONDS)).isEmpty();
            }
        }
    }

    @Test
    void a_mail_server_that_is_away_is_tried_again() throws Exception {
        int port;
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = listening.getLocalPort();
        }
        assertThat(courier(port).carry(question())).isInstanceOf(Courier.Outcome.Failed.class);
    }
}
