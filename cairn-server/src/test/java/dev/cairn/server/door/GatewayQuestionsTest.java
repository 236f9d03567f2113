package dev.cairn.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.access.Access;
import dev.cairn.account.Allow;
import dev.cairn.account.Credentials;
import dev.cairn.account.Token;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.gateway.principal.Principal;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.TestParts;
import dev.cairn.server.own.OwnCalls;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayQuestionsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(TestParts.NOW);
    private static final String EMPTY_SHA256 =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String STATE = "/intake/v1/gateway";
    private static final String CALLER = "/intake/v1/gateway/caller";

    @TempDir private Path folder;
    private TestParts parts;
    private Principals principals;
    private GatewayQuestions questions;
    private Credentials root;
    private String token;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        principals = new Principals(parts.catalog, parts.accounts);
        root =
                parts.catalog.<Credentials, RuntimeException>write(
                        tx -> parts.accounts.rootKey(tx, TestParts.ACCOUNT));
        token = token(Token.Purpose.GATEWAY);
        questions = questions(parts.ledger);
    }

    private GatewayQuestions questions(Ledger ledger) {
        return new GatewayQuestions(
                new Authenticator(parts.accounts, CLOCK),
                new Access(TestParts.ACCOUNT),
                ledger,
                principals,
                CLOCK,
                new OwnCalls(
                        ledger,
                        new Outbox(parts.catalog, ledger),
                        parts.accounts,
                        parts.secrets,
                        CLOCK,
                        "us-east-1"));
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    private String token(Token.Purpose purpose) throws Exception {
        return parts.catalog
                .<Token.Made, RuntimeException>write(
                        tx -> parts.accounts.createToken(tx, TestParts.ACCOUNT, purpose))
                .bearer()
                .reveal();
    }

    private static Request plain(String method, String path, String query, String token) {
        return new Request(
                method,
                path,
                query,
                Headers.of("Host", "cairn.test").plus("Authorization", "Bearer " + token));
    }

    private Reply ask(Request request) throws Exception {
        return questions.answer(
                new Exchange(request, InputStream.nullInputStream(), 0, "203.0.113.9", null),
                Signature.read(request),
                "request-1");
    }

    private static String text(Reply reply) {
        return reply.status()
                + " "
                + (reply.body() instanceof Reply.Whole(byte[] bytes)
                        ? new String(bytes, StandardCharsets.UTF_8)
                        : "");
    }

    private String whose(String key) throws Exception {
        return text(ask(plain("GET", CALLER, "key=" + key, token)));
    }

    @Test
    void a_gateway_is_told_that_events_are_taken_and_whose_it_is() throws Exception {
        assertThat(text(ask(plain("GET", STATE, "", token))))
                .isEqualTo("200 {\"accountId\":\"123456789012\",\"everyAccount\":false}");
    }

    @Test
    void while_the_ledger_pushes_back_it_is_told_to_come_again() throws Exception {
        try (var full =
                SegmentLedger.open(
                        new RealDisk(Files.createDirectory(folder.resolve("full"))),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(1L << 50),
                        CLOCK)) {
            questions = questions(full);
            // It knows when it has been asked to record something: that this is no question.
            assertThat(ask(plain("GET", STATE + "/other", "", token)).status()).isEqualTo(404);

            var reply = ask(plain("GET", STATE, "", token));

            assertThat(reply.headers()).containsEntry("Retry-After", "1");
            assertThat(text(reply))
                    .startsWith(
                            "503 {\"accountId\":\"123456789012\",\"everyAccount\":false,\"__type\":\"")
                    .contains("\"message\":\"the disk has");
        }
    }

    @Test
    void the_directory_and_the_accounts_say_whose_a_key_is() throws Exception {
        parts.catalog.<Integer, RuntimeException>write(tx -> {
            principals.put(
                    tx, Principal.of("K/E+Y", "IAMUser", "111122223333", "mary", "", "AIDAMARY"));
            return 0;
        });

        assertThat(text(ask(signed(root, CALLER, "key=K%2FE%2BY"))))
                .isEqualTo(
                        "200 {\"accountId\":\"111122223333\",\"userIdentity\":{\"type\":\"IAMUser\",\"principalId\":\"AIDAMARY\","
                                + "\"arn\":\"arn:aws:iam::111122223333:user/mary\",\"accountId\":\"111122223333\",\"accessKeyId\":\"K/E+Y\",\"userName\":\"mary\"}}");
        // Whose token is of another account is told that there is somebody.
        assertThat(whose("K%2FE%2BY")).isEqualTo("200 {\"accountId\":\"111122223333\"}");
        assertThat(whose(root.accessKeyId()))
                .startsWith("200 {\"accountId\":\"123456789012\"")
                .contains("arn:aws:iam::123456789012:root")
                .doesNotContain(root.secretAccessKey().reveal());
        assertThat(whose("AKIANOBODY")).isEqualTo("200 {}");
    }

    @Test
    void only_who_may_ask_is_answered() throws Exception {
        assertThat(text(ask(signed(root, STATE, "")))).startsWith("200 ").contains("true");
        assertThat(ask(new Request("GET", STATE, "", Headers.NONE)).status()).isEqualTo(401);
        assertThat(ask(plain("GET", STATE, "", token + "x")).status()).isEqualTo(401);
        assertThat(ask(plain("GET", STATE, "", token(Token.Purpose.INTAKE))).status())
                .isEqualTo(403);
        var user =
                parts.catalog.<Credentials, RuntimeException>write(
                        tx -> parts.accounts.createKey(tx, TestParts.ACCOUNT, "mary", Allow.READ));
        assertThat(ask(signed(user, STATE, "")).status()).isEqualTo(403);
    }

    private static Request signed(Credentials key, String path, String query) {
        return new RequestSigner(
                        key.accessKeyId(),
                        key.secretAccessKey().reveal(),
                        Optional.empty(),
                        "us-east-1",
                        "cairn")
                .sign(
                        new Request("GET", path, query, Headers.of("Host", "cairn.test")),
                        new Payload.Declared(EMPTY_SHA256),
                        EMPTY_SHA256,
                        TestParts.NOW);
    }

    @Test
    void what_is_no_question_is_refused() throws Exception {
        assertThat(ask(plain("POST", STATE, "", token)).status()).isEqualTo(405);
        assertThat(ask(plain("GET", STATE + "/other", "", token)).status()).isEqualTo(404);
        for (var query :
                new String[] {"", "key=", "id=AKIA", "key=a%20b", "key=" + "K".repeat(129)}) {
            assertThat(ask(plain("GET", CALLER, query, token)).status()).as(query).isEqualTo(400);
        }
    }
}
