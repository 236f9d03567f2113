package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.gateway.decoding.DecodedCall.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The `resources` of a call, for the services whose records have them.
///
/// @param source the first label of the event source
/// @param region where ARNs are made up; empty where the call does not say
/// @param account the caller's
record Touches(String source, String region, String account) {

    /// By what the names of their regions begin with; none of these begins as another does.
    private static final Map<String, String> PARTITIONS =
            Map.of(
                    "cn-", "aws-cn",
                    "us-gov-", "aws-us-gov",
                    "us-iso-", "aws-iso",
                    "us-isob-", "aws-iso-b",
                    "eu-isoe-", "aws-iso-e",
                    "us-isof-", "aws-iso-f",
                    "eusc-", "aws-eusc");

    private static final Pattern KEY_ID = Pattern.compile("(mrk-)?[0-9a-f-]{32,36}");

    /// @param input by the API's names
    /// @param output the same; null where the answer was not read
    List<Resource> of(String operation, JsonNode input, @Nullable JsonNode output) {
        return switch (source) {
            case "sts" -> roles(input);
            case "kms" -> keys(input, output);
            case "dynamodb" -> tables(input);
            case "ssm" -> parameters(operation, input);
            case "sns" ->
                    operation.startsWith("Publish")
                            ? arns("AWS::SNS::Topic", text(input, "TopicArn"))
                            : List.of();
            case "sqs" -> queue(operation, input);
            case "lambda" ->
                    operation.startsWith("Invoke")
                            ? named(
                                    "AWS::Lambda::Function",
                                    "lambda",
                                    "function:",
                                    text(input, "FunctionName"))
                            : List.of();
            case "kinesis" -> streams(operation, input);
            case "ecr" -> named(null, "ecr", "repository/", text(input, "repositoryName"));
            default -> List.of();
        };
    }

    private static List<Resource> roles(JsonNode input) {
        var all = new ArrayList<>(arns("AWS::IAM::Role", text(input, "RoleArn")));
        all.addAll(arns("AWS::IAM::SAMLProvider", text(input, "PrincipalArn")));
        return all;
    }

    /// KMS answers with the key's ARN, whatever name it was asked for by.
    private List<Resource> keys(JsonNode input, @Nullable JsonNode output) {
        for (String name : List.of("KeyId", "SourceKeyId", "TargetKeyId")) {
            Optional<String> given =
                    (output == null ? Optional.<String>empty() : text(output, name))
                            .filter(id -> id.startsWith("arn:"))
                            .or(() -> text(input, name));
            if (given.isPresent() && KEY_ID.matcher(given.get()).matches()) {
                return named("AWS::KMS::Key", "kms", "key/", given);
            }
            if (given.isPresent() && given.get().contains(":key/")) {
                return arns("AWS::KMS::Key", given);
            }
        }
        return output == null
                ? List.of()
                : arns("AWS::KMS::Key", text(output.path("KeyMetadata"), "Arn"));
    }

    private List<Resource> tables(JsonNode input) {
        var names = new ArrayList<String>();
        text(input, "TableName").ifPresent(names::add);
        input.path("RequestItems").fieldNames().forEachRemaining(names::add);
        for (JsonNode item : input.path("TransactItems")) {
            for (JsonNode action : item) {
                text(action, "TableName")
                        .filter(name -> !names.contains(name))
                        .ifPresent(names::add);
            }
        }
        var all = new ArrayList<Resource>();
        for (String name : names) {
            all.addAll(named("AWS::DynamoDB::Table", "dynamodb", "table/", Optional.of(name)));
        }
        all.addAll(arns("AWS::DynamoDB::Stream", text(input, "StreamArn")));
        return all;
    }

    private List<Resource> parameters(String operation, JsonNode input) {
        if (operation.equals("PutInventory")) {
            return inventory(input);
        }
        if (!operation.contains("Parameter") || operation.startsWith("Describe")) {
            return List.of();
        }
        var all = new ArrayList<Resource>();
        text(input, "Name").ifPresent(name -> all.add(parameter(name)));
        for (JsonNode name : input.path("Names")) {
            all.add(parameter(name.asText()));
        }
        return all;
    }

    private List<Resource> inventory(JsonNode input) {
        return text(input, "InstanceId")
                .map(id ->
                        List.of(
                                new Resource(null, arn("ec2", "instance/" + id), false, account),
                                new Resource(
                                        null,
                                        arn("ssm", "managed-instance-inventory/" + id),
                                        false,
                                        account)))
                .orElse(List.of());
    }

    private Resource parameter(String name) {
        String arn =
                name.startsWith("arn:")
                        ? name
                        : arn("ssm", "parameter" + (name.startsWith("/") ? "" : "/") + name);
        return new Resource(null, arn, false, account);
    }

    private List<Resource> queue(String operation, JsonNode input) {
        if (!operation.contains("Message")) {
            return List.of();
        }
        return text(input, "QueueUrl")
                .map(url -> url.substring(url.lastIndexOf('/') + 1))
                .map(name ->
                        List.of(new Resource("AWS::SQS::Queue", arn("sqs", name), false, account)))
                .orElse(List.of());
    }

    private List<Resource> streams(String operation, JsonNode input) {
        if (!operation.contains("Record") && !operation.equals("GetShardIterator")) {
            return List.of();
        }
        Optional<String> arn = text(input, "StreamARN");
        return arn.isPresent()
                ? arns("AWS::Kinesis::Stream", arn)
                : named("AWS::Kinesis::Stream", "kinesis", "stream/", text(input, "StreamName"));
    }

    /// A thing given by its ARN, whose account the ARN says.
    private static List<Resource> arns(String type, Optional<String> arn) {
        return arn.filter(text -> text.startsWith("arn:"))
                .map(text -> {
                    String[] parts = text.split(":", 6);
                    String owner = parts.length == 6 && !parts[4].isEmpty() ? parts[4] : null;
                    return List.of(new Resource(type, text, false, owner));
                })
                .orElse(List.of());
    }

    /// A thing of the caller's, given by its name or its ARN.
    private List<Resource> named(
            @Nullable String type, String service, String prefix, Optional<String> name) {
        return name.map(given ->
                        List.of(
                                new Resource(
                                        type,
                                        given.startsWith("arn:")
                                                ? given
                                                : arn(service, prefix + given),
                                        false,
                                        account)))
                .orElse(List.of());
    }

    /// Where AWS keeps apart what has the same names.
    ///
    /// @param region empty where the call does not say
    static String partition(String region) {
        return PARTITIONS.entrySet().stream()
                .filter(partition -> region.startsWith(partition.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("aws");
    }

    private String arn(String service, String what) {
        return "arn:"
                + partition(region)
                + ":"
                + service
                + ":"
                + region
                + ":"
                + account
                + ":"
                + what;
    }

    private static Optional<String> text(JsonNode document, String name) {
        JsonNode value = document.path(name);
        return value.isTextual() && !value.textValue().isEmpty()
                ? Optional.of(value.textValue())
                : Optional.empty();
    }
}
