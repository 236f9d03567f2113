package dev.cairn.aws.shape;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.CloudTrailRequest;

/// AWS's published model is older than its SDK: with our overlay both must know the same.
class CloudTrailModelTest {

    /// In the newest JavaScript SDK, and not yet in the Java SDK we compare with.
    private static final String NEWER_THAN_THE_SDK = "RecursiveLogging";

    private final ServiceCatalog catalog = new ServiceCatalog();
    private final ServiceModel cloudtrail =
            catalog.model(catalog.named("cloudtrail").orElseThrow());

    @Test
    void all_operations_of_the_sdk_are_there_and_no_others() {
        Set<String> sdk =
                Arrays.stream(CloudTrailClient.class.getMethods())
                        .filter(method -> method.getParameterCount() == 1)
                        .map(method -> method.getParameterTypes()[0])
                        .filter(CloudTrailRequest.class::isAssignableFrom)
                        .map(type -> type.getSimpleName().replaceAll("Request$", ""))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(sdk).hasSize(60);
        assertThat(cloudtrail.operations())
                .extracting(Operation::name)
                .containsExactlyInAnyOrderElementsOf(sdk);
    }

    @Test
    void inputs_and_outputs_have_the_members_of_the_sdk() throws ReflectiveOperationException {
        for (Operation operation : cloudtrail.operations()) {
            assertThat(members(operation.input()))
                    .as(operation.name() + " input")
                    .isEqualTo(sdkMembers(operation.name() + "Request").orElseThrow());
            assertThat(members(operation.output()))
                    .as(operation.name() + " output")
                    .isEqualTo(sdkMembers(operation.name() + "Response").orElseThrow());
        }
    }

    @Test
    void structures_within_them_do_too() throws ReflectiveOperationException {
        int compared = 0;
        for (Shape shape : cloudtrail.shapes()) {
            if (shape instanceof Shape.Structure structure && structure.error().isEmpty()) {
                var sdk = sdkMembers(structure.name());
                if (sdk.isPresent()) {
                    assertThat(members(Optional.of(structure)))
                            .as(structure.name())
                            .isEqualTo(sdk.get());
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(60 + 30);
    }

    @Test
    void every_error_says_its_message_under_the_name_clients_read_first() {
        for (Operation operation : cloudtrail.operations()) {
            assertThat(operation.errors()).as(operation.name()).isNotEmpty();
            for (String error : operation.errors()) {
                assertThat(cloudtrail.error(error).orElseThrow().members())
                        .as(error)
                        .containsOnlyKeys("Message");
            }
        }
    }

    @Test
    void recursive_logging_is_there_before_the_sdk_has_it() {
        for (String name :
                Set.of(
                        "CreateTrailRequest",
                        "CreateTrailResponse",
                        "UpdateTrailRequest",
                        "UpdateTrailResponse",
                        "Trail")) {
            assertThat(((Shape.Structure) cloudtrail.shape(name).orElseThrow()).members())
                    .as(name)
                    .containsKey(NEWER_THAN_THE_SDK);
        }
    }

    private static Set<String> members(Optional<Shape.Structure> structure) {
        var names = new TreeSet<String>();
        structure.ifPresent(found -> names.addAll(found.members().keySet()));
        names.remove(NEWER_THAN_THE_SDK);
        return names;
    }

    private static Optional<Set<String>> sdkMembers(String simpleName)
            throws ReflectiveOperationException {
        Class<?> type;
        try {
            type = Class.forName(CloudTrailRequest.class.getPackageName() + "." + simpleName);
        } catch (ClassNotFoundException _) {
            return Optional.empty();
        }
        Method builder = type.getMethod("builder");
        Object made = builder.invoke(null);
        return made instanceof SdkPojo pojo
                ? Optional.of(
                        pojo.sdkFields().stream()
                                .map(SdkField::memberName)
                                .collect(Collectors.toCollection(TreeSet::new)))
                : Optional.empty();
    }
}
