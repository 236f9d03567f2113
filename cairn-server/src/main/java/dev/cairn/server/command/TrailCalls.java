package dev.cairn.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The calls of AWS's APIs that the commands for trails are made of: CloudTrail's, and the few of
/// S3 and STS that a fresh bucket needs.
final class TrailCalls {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";
    private static final Pattern ACCOUNT = Pattern.compile("<Account>(\\d{12})</Account>");

    private final Connection connection;

    TrailCalls(Connection connection) {
        this.connection = connection;
    }

    /// What the ARN of a trail says.
    record Arn(String text, String region, String account, String name) {
        static Arn of(String text) {
            var parts = text.split(":", 6);
            return new Arn(text, parts[3], parts[4], parts[5].substring(parts[5].indexOf('/') + 1));
        }

        /// Such as `main (us-east-1, 123456789012)`.
        String shown() {
            return "%s (%s, %s)".formatted(name, region, account);
        }
    }

    static ObjectNode input() {
        return JSON.createObjectNode();
    }

    JsonNode cloudTrail(String region, String operation, ObjectNode input)
            throws CommandException, InterruptedException {
        try {
            return JSON.readTree(
                    connection.aws(
                            "cloudtrail",
                            region,
                            "POST",
                            "/",
                            Map.of(),
                            Map.of(
                                    "Content-Type",
                                    "application/x-amz-json-1.1",
                                    "X-Amz-Target",
                                    TARGET + operation),
                            JSON.writeValueAsBytes(input)));
        } catch (JsonProcessingException failure) {
            throw new CommandException("expected JSON as answer to " + operation, failure);
        } catch (IOException failure) {
            throw new CommandException("the answer to " + operation + " broke off", failure);
        }
    }

    /// The caller's account.
    String account(String region) throws CommandException, InterruptedException {
        var answer =
                connection.aws(
                        "sts",
                        region,
                        "POST",
                        "/",
                        Map.of(),
                        Map.of("Content-Type", "application/x-www-form-urlencoded"),
                        "Action=GetCallerIdentity&Version=2011-06-15"
                                .getBytes(StandardCharsets.UTF_8));
        var found = ACCOUNT.matcher(new String(answer, StandardCharsets.UTF_8));
        if (!found.find()) {
            throw new CommandException("expected an account in the answer of GetCallerIdentity");
        }
        return found.group(1);
    }

    void createBucket(String region, String bucket) throws CommandException, InterruptedException {
        var body =
                region.equals("us-east-1")
                        ? ""
                        : """
                        <CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>\
                        """
                                .formatted(region);
        s3(region, "PUT", bucket, Map.of(), body);
    }

    void putPolicy(String region, String bucket, String policy)
            throws CommandException, InterruptedException {
        s3(region, "PUT", bucket, Map.of("policy", List.of("")), policy);
    }

    void deleteBucket(String region, String bucket) throws CommandException, InterruptedException {
        s3(region, "DELETE", bucket, Map.of(), "");
    }

    /// A document about a bucket, as XML.
    ///
    /// @param subresource such as `policyStatus`
    String describe(String region, String bucket, String subresource)
            throws CommandException, InterruptedException {
        return new String(
                s3(region, "GET", bucket, Map.of(subresource, List.of("")), ""),
                StandardCharsets.UTF_8);
    }

    private byte[] s3(
            String region,
            String method,
            String bucket,
            Map<String, List<String>> query,
            String body)
            throws CommandException, InterruptedException {
        return connection.aws(
                "s3",
                region,
                method,
                "/" + bucket,
                query,
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    /// All trails of the caller's account, in order of ARN.
    List<Arn> trails(String region) throws CommandException, InterruptedException {
        var all = new ArrayList<Arn>();
        var input = input();
        while (true) {
            var page = cloudTrail(region, "ListTrails", input);
            for (var trail : page.path("Trails")) {
                all.add(Arn.of(trail.path("TrailARN").asText()));
            }
            var next = page.path("NextToken").asText("");
            if (next.isEmpty()) {
                return all;
            }
            input.put("NextToken", next);
        }
    }

    /// The trail that is named, whatever its home region.
    ///
    /// @param region preferred where several trails have that name
    /// @param named a name or an ARN
    Arn find(String region, String named) throws CommandException, InterruptedException {
        var found =
                trails(region).stream()
                        .filter(trail -> trail.name().equals(named) || trail.text().equals(named))
                        .toList();
        if (found.size() > 1) {
            var here = found.stream().filter(trail -> trail.region().equals(region)).toList();
            if (here.size() == 1) {
                return here.getFirst();
            }
            throw new CommandException(
                    "several trails are called %s, in %s; give the ARN of the one you mean"
                            .formatted(
                                    named,
                                    String.join(", ", found.stream().map(Arn::region).toList())),
                    CommandException.USAGE);
        }
        if (found.isEmpty()) {
            throw new CommandException(
                    "there is no trail %s; 'cairn trail list' shows those there are"
                            .formatted(named),
                    CommandException.FAILED);
        }
        return found.getFirst();
    }
}
