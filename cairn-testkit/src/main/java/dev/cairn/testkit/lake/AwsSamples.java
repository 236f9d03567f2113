package dev.cairn.testkit.lake;

import dev.cairn.testkit.RealData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// AWS's 72 sample queries, and which of them cannot be answered.
public final class AwsSamples {
    /// What CloudTrail's events do not hold.
    public static final List<String> CONFIG =
            List.of(
                    "ConfigItemCountQuery",
                    "ConfigTableCreation",
                    "ssm-patch-compliance-all-ec2-instances",
                    "ssm-patch-compliance-all-ec2-instances-time-range",
                    "ssm-patch-compliance-distinct-ec2-instance-latest",
                    "ssm-patch-compliance-selected-ec2-instance",
                    "ssm-patch-compliance-selected-ec2-instance-time-range");

    /// What no SQL engine takes, and what it says.
    public static final Map<String, String> BROKEN =
            Map.of(
                    "iam-idc-authenticate-api", "mismatched input 'FROM'",
                    "list-all-errors-for-s3-events", "mismatched input 'example'",
                    "list-all-events-not-in-authorized-region", "mismatched input ':'",
                    "list-attempted-s3-requests.", "mismatched input 'BY'",
                    "list-publicly-accessible-rds-instances", "mismatched input 'SELECT'",
                    "network-activity-events-vpce-access-denied-s3", "must appear in the GROUP BY",
                    "top-errors", "mismatched input 'BY'",
                    "top-s3-actions", "mismatched input 'BY'");

    private AwsSamples() {}

    /// A query as it was published.
    ///
    /// @param name its file's, without the ending
    public record Sample(String name, String text) {
        /// With its placeholders filled in, and nothing else changed.
        ///
        /// @param table the event data store's name in SQL
        public String filled(String table) {
            var filled =
                    text.replaceAll(
                                    "(?i)<(eds id|eds_id|event_data_store_id|event-data-store-id|event data store id)>|\\$EDS_ID|config_event_data_store_ID",
                                    table)
                            .replaceFirst("\\$\\{date_filter}", "2000-01-01 00:00:00")
                            .replaceFirst("\\$\\{date_filter}", "2100-01-01 00:00:00")
                            .strip();
            return filled.endsWith(";") ? filled.substring(0, filled.length() - 1) : filled;
        }

        /// The same over all times, and with its examples' keys, users and ids exchanged for ones
        /// that are in the real records, so that there is something to find.
        public String widened(String table) {
            return filled(table)
                    .replaceAll("(?i)(eventTime\\s*>=?\\s*)'[^']*'", "$1'2000-01-01 00:00:00'")
                    .replaceAll("(?i)(eventTime\\s*<=?\\s*)'[^']*'", "$1'2100-01-01 00:00:00'")
                    .replace("192.0.2.76", "203.0.113.1")
                    .replace("%alice@example.com", "%a%")
                    .replace(
                            "userIdentity.accessKeyId = 'AKIAIOSFODNN7EXAMPLE'",
                            "userIdentity.accessKeyId LIKE 'A%'")
                    .replace(
                            "sessionissuer.arn = 'arn:aws:iam::555555555555:role/alice'",
                            "sessionissuer.arn LIKE '%role/%'")
                    .replace("= 'my-bucket-name'", "LIKE '%'")
                    .replace("= 'demo-20230707'", "LIKE '%'")
                    .replace("'%\"instanceId\":\"i-b188560f\"%'", "'%\"instanceId\":\"i-%'")
                    .replace(
                            "eventID = '3270e016-59a1-4448-8dd1-d27a4796502d'",
                            "eventID LIKE '3%'");
        }
    }

    /// All of them, in order of name.
    public static List<Sample> of(RealData data) throws IOException {
        var samples = new ArrayList<Sample>();
        try (var listed = Files.list(data.folder().resolve("lake-queries"))) {
            for (var file :
                    listed.filter(file -> file.toString().endsWith(".sql")).sorted().toList()) {
                samples.add(new Sample(name(file), Files.readString(file)));
            }
        }
        return samples;
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.sql$", "");
    }
}
