package dev.cairn.gateway.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.aws.protocol.CallReader;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Every operation of every model is found again in a request that was made for it.
class EveryOperationTest {
    /// Requests that two models of one signing name take: only the host tells which is meant.
    private static final Set<String> ALIKE =
            Set.of(
                    "chime-sdk-messaging DeleteMessagingStreamingConfigurations as DeleteAppInstanceStreamingConfigurations",
                    "chime-sdk-messaging GetChannelMessageStatus as GetChannelMessage",
                    "chime-sdk-messaging GetMessagingStreamingConfigurations as GetAppInstanceStreamingConfigurations",
                    "chime-sdk-messaging ListChannelsAssociatedWithChannelFlow as ListChannels",
                    "chime-sdk-messaging PutMessagingStreamingConfigurations as PutAppInstanceStreamingConfigurations",
                    "chime-sdk-messaging SearchChannels as CreateChannel",
                    "models.lex GetImport as DescribeImport",
                    "models.lex StartImport as ListImports");

    private final ServiceCatalog services = new ServiceCatalog();
    private final CallReader reader = new CallReader(services);

    @Test
    void every_operation_is_found_in_its_request() {
        var missed = new TreeSet<String>();
        var asked = 0;
        for (var entry : services.entries()) {
            var model = services.model(entry);
            for (var operation : model.operations()) {
                asked++;
                // S3's calls about accounts are told from S3's own before (see Decoding).
                var service =
                        entry.name().equals("s3-control")
                                ? entry.name()
                                : model.metadata().signingName();
                var found = found(model, operation, service);
                if (!found.equals(operation.name())) {
                    missed.add(entry.name() + " " + operation.name() + " as " + found);
                }
            }
        }

        assertThat(asked).isGreaterThan(10_000);
        assertThat(missed).isEqualTo(ALIKE);
    }

    private String found(ServiceModel model, Operation operation, String service) {
        var sent =
                new Wire(model, operation, "host.example", "eu-west-1")
                        .send(JsonNodeFactory.instance.objectNode());
        return reader.find(sent.request(), sent.body(), service)
                .map(found -> found.operation().name())
                .orElse("nothing");
    }
}
