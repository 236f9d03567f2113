package dev.cairn.aws.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ServiceCatalogTest {

    private final ServiceCatalog catalog = new ServiceCatalog();

    @Test
    void knows_every_service_of_the_artifact_and_s3() {
        assertThat(catalog.entries()).hasSize(381 + 1);
        assertThat(catalog.named("s3")).isPresent();
    }

    @Test
    void every_model_can_be_read_and_every_pattern_is_one_that_java_knows() {
        for (var entry : catalog.entries()) {
            for (Shape shape : catalog.model(entry).shapes()) {
                if (shape instanceof Shape.Text text && text.pattern().isPresent()) {
                    assertThat(text.pattern().get().usable())
                            .as(entry.name() + " " + text.pattern().get())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void finds_a_service_by_its_signing_name() {
        assertThat(catalog.signedAs("cloudtrail"))
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.metadata().targetPrefix())
                                .contains(
                                        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"));
        assertThat(catalog.signedAs("cloudtrail-data"))
                .singleElement()
                .satisfies(entry ->
                        assertThat(catalog.model(entry).operations())
                                .extracting(Operation::name)
                                .containsExactly("PutAuditEvents"));
        assertThat(catalog.signedAs("dynamodb"))
                .extracting(ServiceCatalog.Entry::name)
                .containsExactlyInAnyOrder("dynamodb", "streams.dynamodb");
        assertThat(catalog.signedAs("no-such-service")).isEmpty();
    }

    @Test
    void the_newest_of_several_versions_goes_by_the_plain_name() {
        assertThat(catalog.named("elasticloadbalancing").orElseThrow().metadata().apiVersion())
                .isEqualTo("2015-12-01");
    }

    @Test
    void sts_says_who_is_calling() {
        ServiceModel sts = catalog.model(catalog.named("sts").orElseThrow());

        Operation operation = sts.operation("GetCallerIdentity").orElseThrow();

        assertThat(operation.output().orElseThrow().members())
                .containsOnlyKeys("UserId", "Account", "Arn");
        assertThat(operation.resultWrapper()).contains("GetCallerIdentityResult");
        assertThat(sts.metadata().xmlNamespace())
                .contains("https://sts.amazonaws.com/doc/2011-06-15/");
    }

    @Test
    void a_model_of_our_own_is_read_in_the_same_form() throws IOException {
        ServiceModel model =
                read(
                        """
                        {"metadata": {"apiVersion": "2026-01-01", "endpointPrefix": "cairn", "protocol": "rest-json"},
                         "operations": {"Ping": {"name": "Ping", "http": {"method": "GET", "requestUri": "/ping/{Name}"},
                                                 "input": {"shape": "PingRequest"}}},
                         "shapes": {"PingRequest": {"type": "structure", "required": ["Name"], "members":
                                                    {"Name": {"shape": "Name", "location": "uri"}, "Again": {"shape": "PingRequest"}}},
                                    "Name": {"type": "string", "min": 1, "max": 5}}}
                        """);

        assertThat(model.operation("Ping").orElseThrow().input().orElseThrow().member("Name"))
                .hasValueSatisfying(
                        member -> assertThat(member.location()).isEqualTo(Member.Location.URI));
        assertThat(model.metadata().signingName()).isEqualTo("cairn");
    }

    @Test
    void a_model_that_refers_to_what_it_does_not_have_is_refused() {
        assertThatThrownBy(() ->
                        read(
                                """
                                {"metadata": {}, "operations": {}, "shapes": {"A": {"type": "list", "member": {"shape": "B"}}}}
                                """))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no shape B");
    }

    private static ServiceModel read(String json) throws IOException {
        return ServiceModel.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }
}
