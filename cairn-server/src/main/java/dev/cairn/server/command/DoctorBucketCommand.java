package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.WriteCheck;
import dev.cairn.kms.EncryptCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "bucket",
        description =
                "Prints the least that a bucket's policy, and a key's, must allow for the trails that deliver there, and whether everyone is let in.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn doctor bucket audit-logs",
            "  cairn doctor bucket audit-logs --policy > policy.json       # ready for put-bucket-policy",
            "  cairn doctor bucket audit-logs --key-policy > key.json      # ready for create-key or put-key-policy",
            "",
            "Of trails it knows those of the caller's account. Exits 1 when none delivers there,",
            "and when the bucket's policy lets everyone in (with --policy and --key-policy it does not look)."
        })
final class DoctorBucketCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin private ServerChoice target = new ServerChoice();

    @Parameters(paramLabel = "BUCKET", description = "A bucket's name.")
    private String bucket = "";

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    private Part part = new Part();

    /// What alone is to be printed.
    private static final class Part {
        @Option(
                names = "--policy",
                description = "Print only the bucket's policy, ready for put-bucket-policy.")
        private boolean policy;

        @Option(
                names = "--key-policy",
                description = "Print only the policy of a KMS key for those trails.")
        private boolean keyPolicy;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;
    }

    /// The trails that deliver to the bucket.
    ///
    /// @param arns in order
    /// @param byPrefix their ARNs, by what their keys start with
    /// @param keys the KMS keys that they encrypt under
    private record Delivering(
            List<TrailCalls.Arn> arns, TreeMap<String, List<String>> byPrefix, List<String> keys) {}

    @Override
    public Integer call() throws Exception {
        Delivering found;
        Access access = new Access.Unknown("not asked for");
        try (var connection = target.connect()) {
            var calls = new TrailCalls(connection);
            found = delivering(calls);
            if (found.arns().isEmpty()) {
                throw new CommandException(
                        "no trail of this account delivers to %s; 'cairn trail list' shows where they do"
                                .formatted(bucket),
                        CommandException.FAILED);
            }
            if (!part.policy && !part.keyPolicy) {
                access = access(calls);
            }
        }
        var policy = JSON.readTree(WriteCheck.policy(bucket, found.byPrefix()));
        var keyPolicy =
                JSON.readTree(
                        EncryptCheck.policy(
                                found.arns().getFirst().account(),
                                found.arns().stream().map(TrailCalls.Arn::text).toList()));
        if (part.policy) {
            Console.json(policy);
        } else if (part.keyPolicy) {
            Console.json(keyPolicy);
        } else if (part.json) {
            var answer = JSON.createObjectNode();
            var trails = answer.putArray("trails");
            found.arns().forEach(arn -> trails.add(arn.text()));
            var keys = answer.putArray("keys");
            found.keys().forEach(keys::add);
            answer.set("policy", policy);
            answer.set("keyPolicy", keyPolicy);
            if (access instanceof Access.Known(var known)) {
                answer.put("publicAccessBlocked", known.blocked()).put("public", known.open());
            }
            Console.json(answer);
        } else {
            print(found, access, policy, keyPolicy);
        }
        return access instanceof Access.Known(var known) && known.open()
                ? CommandException.FAILED
                : 0;
    }

    /// What is known of who is let in.
    private sealed interface Access {
        record Known(BucketAccess access) implements Access {}

        /// The server does not tell, as where the bucket lies on another S3.
        record Unknown(String reason) implements Access {}
    }

    private Access access(TrailCalls calls) throws InterruptedException {
        try {
            return new Access.Known(BucketAccess.of(calls, target.region(), bucket));
        } catch (CommandException untold) {
            return new Access.Unknown(String.valueOf(untold.getMessage()));
        }
    }

    private Delivering delivering(TrailCalls calls) throws CommandException, InterruptedException {
        var found = new Delivering(new ArrayList<>(), new TreeMap<>(), new ArrayList<>());
        for (var arn : calls.trails(target.region())) {
            var trail =
                    calls.cloudTrail(
                                    arn.region(),
                                    "GetTrail",
                                    TrailCalls.input().put("Name", arn.text()))
                            .path("Trail");
            if (!trail.path("S3BucketName").asText().equals(bucket)) {
                continue;
            }
            var prefix = trail.path("S3KeyPrefix").asText("");
            found.arns().add(arn);
            found.byPrefix()
                    .computeIfAbsent(
                            (prefix.isEmpty() ? "" : prefix + "/")
                                    + "AWSLogs/"
                                    + arn.account()
                                    + "/",
                            _ -> new ArrayList<>())
                    .add(arn.text());
            var key = trail.path("KmsKeyId").asText("");
            if (!key.isEmpty() && !found.keys().contains(key)) {
                found.keys().add(key);
            }
        }
        return found;
    }

    private void print(Delivering found, Access access, JsonNode policy, JsonNode keyPolicy)
            throws Exception {
        var out = Console.out();
        for (var arn : found.arns()) {
            out.println("trail         " + arn.shown());
        }
        for (var key : found.keys()) {
            out.println("key           " + key);
        }
        switch (access) {
            case Access.Known(var known) -> known.lines(bucket).forEach(out::println);
            case Access.Unknown(var reason) -> out.println("public access not known: " + reason);
        }
        out.println();
        out.println("The bucket's policy (--policy prints it alone):");
        Console.json(policy);
        out.println(
                "aws s3api put-bucket-policy --bucket %s --policy file://policy.json"
                        .formatted(bucket));
        out.println();
        out.println("The policy of a KMS key (--key-policy prints it alone):");
        Console.json(keyPolicy);
        if (found.keys().isEmpty()) {
            out.println("aws kms create-key --policy file://key.json");
        }
        for (var key : found.keys()) {
            out.println(
                    "aws kms put-key-policy --key-id %s --policy file://key.json".formatted(key));
        }
    }
}
