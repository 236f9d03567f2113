package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.testkit.wire.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How calls to AWS itself go through the gateway: the stock CLI signs for AWS's name and takes the
/// gateway for its proxy, which goes on by TLS. In AWS's place stands a Cairn that answers to that
/// name, and checks the signatures.
final class GatewayAsProxyTest {
    private static final Path PROGRAM = Path.of("/usr/bin/aws");
    private static final String AWS = "s3.us-east-1.amazonaws.com";
    private static final Await.Bound FOUND =
            Await.Bound.of("every call in event history", Duration.ofSeconds(60));

    @Test
    void callsToAwsByNameAreTakenByAwsAndRecorded() throws Exception {
        if (!Files.isExecutable(PROGRAM)) {
            throw Clients.absent("expected the AWS CLI at " + PROGRAM + ": apt-get install awscli");
        }
        var folder = Files.createTempDirectory("cairn-proxy");
        var certificate = TestCertificate.make(folder, "aws", "dns:localhost,ip:127.0.0.1", "EC");
        try (var aws =
                        LiveServer.start(
                                "http.tls=true",
                                "tls.certificate=" + certificate.certificate(),
                                "tls.key=" + certificate.key(),
                                "archive.host-names=" + AWS);
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + aws.endpoint(),
                                "gateway.upstream-ca=" + certificate.certificate())) {
            Files.writeString(server.home().resolve("report"), "hello");

            throughProxy(server, "s3", "mb", "s3://finance").exited(0);
            throughProxy(server, "s3", "cp", "report", "s3://finance/report").exited(0);
            var listed = throughProxy(server, "s3", "ls", "s3://finance").exited(0);

            assertThat(listed.out()).contains("5 report");
            var put =
                    Await.value(
                                    FOUND,
                                    () -> server.events("eventName:PutObject"),
                                    found -> !found.isEmpty())
                            .getFirst();
            assertThat(put.path("requestParameters").path("bucketName").asText())
                    .isEqualTo("finance");
            assertThat(put.path("requestParameters").path("key").asText()).isEqualTo("report");
            assertThat(put.path("requestParameters").path("Host").asText()).endsWith(AWS);
            assertThat(put.path("errorCode").isMissingNode()).isTrue();
        } finally {
            LiveServer.delete(folder);
        }
    }

    private static Command throughProxy(LiveServer server, String... words) throws Exception {
        var all = new ArrayList<>(List.of(PROGRAM.toString()));
        all.addAll(List.of(words));
        all.addAll(List.of("--endpoint-url", "http://" + AWS));
        var environment = new HashMap<>(server.environment(LiveServer.ROOT));
        environment.remove("AWS_ENDPOINT_URL");
        for (var name : List.of("HTTP_PROXY", "http_proxy")) {
            environment.put(name, server.gateway(0).toString());
        }
        for (var name : List.of("NO_PROXY", "no_proxy")) {
            environment.put(name, "");
        }
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_MAX_ATTEMPTS", "1");
        environment.put("AWS_PAGER", "");
        return Command.run(server.home(), environment, all);
    }
}
