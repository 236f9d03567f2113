package dev.cairn.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One thing asked of a record, in three languages.
///
/// @param pattern a filter pattern
/// @param rule an event pattern
record Asked(String pattern, String rule, Predicate<JsonNode> condition) {
    /// Those whose values occur in the traffic; those of others do not, or hardly.
    static final int LIVELY = 40;

    /// So many, all different.
    ///
    /// @param samples [#LIVELY] records of the traffic
    static List<Asked> of(List<JsonNode> samples, int size) {
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            asked.add(of(i, i < LIVELY ? samples.get(i) : null));
        }
        return asked;
    }

    /// Four shapes in turn, as benchmarks and playbooks have them.
    private static Asked of(int i, @Nullable JsonNode sample) {
        return switch (i % 4) {
            case 0 -> {
                String source = text(sample, "/eventSource", "s3.amazonaws.com");
                String name = text(sample, "/eventName", "Delete" + i);
                yield new Asked(
                        "{ ($.eventSource = %s) && (($.eventName = %s) || ($.eventName = Put%d)) }"
                                .formatted(source, name, i),
                        "{\"eventSource\":[\"%s\"],\"eventName\":[\"%s\",\"Put%d\"]}"
                                .formatted(source, name, i),
                        record ->
                                text(record, "/eventSource", "").equals(source)
                                        && (text(record, "/eventName", "").equals(name)
                                                || text(record, "/eventName", "")
                                                        .equals("Put" + i)));
            }
            case 1 -> {
                String user = text(sample, "/userIdentity/userName", "user-" + i);
                yield new Asked(
                        "{ $.userIdentity.userName = \"%s\" && $.errorCode = \"AccessDenied*\" }"
                                .formatted(user),
                        "{\"userIdentity\":{\"userName\":[\"%s\"]},\"errorCode\":[{\"prefix\":\"AccessDenied\"}]}"
                                .formatted(user),
                        record ->
                                text(record, "/userIdentity/userName", "").equals(user)
                                        && text(record, "/errorCode", "")
                                                .startsWith("AccessDenied"));
            }
            case 2 -> {
                String bucket = text(sample, "/requestParameters/bucketName", "bucket-" + i);
                yield new Asked(
                        "{ $.requestParameters.bucketName = \"%s\" && $.eventName != \"Get*\" }"
                                .formatted(bucket),
                        "{\"requestParameters\":{\"bucketName\":[\"%s\"]},\"eventName\":[{\"anything-but\":{\"prefix\":\"Get\"}}]}"
                                .formatted(bucket),
                        record ->
                                text(record, "/requestParameters/bucketName", "").equals(bucket)
                                        && !text(record, "/eventName", "").startsWith("Get"));
            }
            default -> {
                String network = "10.%d.%d.".formatted(i / 256, i % 256);
                String prefix =
                        text(sample, "/sourceIPAddress", network + "1").replaceFirst("[^.]*$", "");
                yield new Asked(
                        "{ $.sourceIPAddress = \"%s*\" }".formatted(prefix),
                        "{\"sourceIPAddress\":[{\"prefix\":\"%s\"}]}".formatted(prefix),
                        record -> text(record, "/sourceIPAddress", "").startsWith(prefix));
            }
        };
    }

    private static String text(@Nullable JsonNode record, String pointer, String otherwise) {
        JsonNode value = record == null ? null : record.at(pointer);
        return value != null && value.isTextual() && !value.asText().isEmpty()
                ? value.asText()
                : otherwise;
    }
}
