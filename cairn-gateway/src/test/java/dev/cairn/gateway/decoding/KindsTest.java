package dev.cairn.gateway.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.testkit.RealData;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindsTest {

    private final Kinds kinds = new Kinds();

    @ParameterizedTest
    @CsvSource({
        "ec2, DescribeInstances, true",
        "ec2, RunInstances, false",
        "ecr, BatchGetImage, true",
        "ecr, BatchDeleteImage, false",
        "dynamodb, TransactGetItems, true",
        "dynamodb, TransactWriteItems, false",
        "kms, Decrypt, true",
        "kms, DisableKey, false",
        "sts, AssumeRole, true",
        "sts, GetSessionToken, false",
        "ses, VerifyEmailIdentity, false",
        "xyz, Getaway, false",
        "xyz, Frobnicate, false",
    })
    void names_and_the_table_say_what_only_reads(String service, String operation, boolean reads) {
        assertThat(kinds.readOnly(service, operation)).isEqualTo(reads);
    }

    /// Operations that AWS has, by its pages or by records, and its models have not, or not yet.
    private static final Set<String> IN_NO_MODEL =
            Set.of(
                    "sts AssumeRoot",
                    "s3express CreateSession",
                    "monitoring GenerateQuery",
                    "logs TestTransformer",
                    "codecommit GitPull",
                    "codecommit GitPush",
                    "bedrock InvokeModelWithBidirectionalStream",
                    "bedrock RetrieveAndGenerateStream",
                    "bedrock InvokeInlineAgent",
                    "quicksight QueryDatabase",
                    "appsync GraphQL",
                    "ssm RequestManagedInstanceRoleToken",
                    "ssmmessages CreateControlChannel",
                    "ssmmessages CreateDataChannel",
                    "ssmmessages OpenControlChannel",
                    "ssmmessages OpenDataChannel",
                    "states InvokeHTTPEndpoint",
                    "aiops CreateInvestigation",
                    "aiops CreateInvestigationEvent",
                    "aiops GetInvestigationEvent",
                    "aiops ListInvestigationEvents",
                    "aiops UpdateInvestigation",
                    "aiops UpdateInvestigationEvent",
                    "networkflowmonitor GetQueryResultsMonitorTopContributors",
                    "networkflowmonitor GetQueryResultsWorkloadInsightsTopContributors",
                    "networkflowmonitor GetQueryResultsWorkloadInsightsTopContributorsData");

    @Test
    void the_table_names_operations_that_there_are() {
        var services = new ServiceCatalog();
        var known = new HashSet<String>();
        for (var entry : services.entries()) {
            var model = services.model(entry);
            for (var operation : model.operations()) {
                known.add(Habits.source(model) + " " + operation.name());
            }
        }
        var unknown = new TreeSet<String>();
        kinds.named()
                .forEach((service, operations) ->
                        operations.forEach(operation -> unknown.add(service + " " + operation)));
        unknown.removeAll(known);

        assertThat(unknown).isEqualTo(IN_NO_MODEL);
    }

    @Test
    void every_real_record_agrees() throws Exception {
        var json = new ObjectMapper();
        var wrong = new TreeSet<String>();
        for (byte[] line : RealData.assume().developersPermissive()) {
            var record = json.readTree(line);
            if (!record.path("eventType").asText("AwsApiCall").equals("AwsApiCall")
                    || !record.has("readOnly")) {
                continue;
            }
            String service = record.path("eventSource").asText().replace(".amazonaws.com", "");
            String name = record.path("eventName").asText();
            String category = record.path("eventCategory").asText("Management");
            if (kinds.readOnly(service, name) != record.path("readOnly").asBoolean()
                    || kinds.management(service, name) != category.equals("Management")) {
                wrong.add(service + " " + name);
            }
        }
        assertThat(wrong).isEmpty();
    }
}
