package dev.cairn.aggregation;

import dev.cairn.event.EventFields;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a data event is counted under.
///
/// @param source `eventSource`
/// @param names by dimension; those that the record does not tell are missing, except for the
///   primary ones of templates, which are [#UNKNOWN] then
record Traits(String source, Map<Dimension, String> names) {
    /// In place of a resource or a caller that the record does not name.
    static final String UNKNOWN = "unknown";

    /// Longer values are cut: they are kept in memory while a window is counted.
    static final int NAME_CHARS_MAX = 512;

    private static final String BUCKET = "arn:aws:s3:::";

    /// Reads a record.
    ///
    /// @param json an object that [dev.cairn.event.EventReader] has read
    /// @throws IllegalArgumentException when the bytes are not a JSON object
    static Traits of(byte[] json) {
        Visit visit = new Visit();
        EventFields.walk(json, visit);
        return visit.traits();
    }

    /// Texts of one record, as they come by.
    private static final class Visit implements EventFields.Visitor {
        private final Map<Dimension, String> names = new EnumMap<>(Dimension.class);
        private String source = UNKNOWN;
        private @Nullable String type;
        private @Nullable String account;
        private @Nullable String service;
        private @Nullable String resource;
        private @Nullable String prefix;

        @Override
        public void visit(String path, EventFields.Kind kind, String text) {
            if (kind != EventFields.Kind.TEXT || text.isEmpty()) {
                return;
            }
            switch (path) {
                case "eventSource" -> source = cut(text);
                case "eventName" -> names.put(Dimension.EVENT_NAME, cut(text));
                case "userAgent" -> names.put(Dimension.USER_AGENT, cut(text));
                case "sourceIPAddress" -> names.put(Dimension.SOURCE_IP_ADDRESS, cut(text));
                case "errorCode" -> names.put(Dimension.ERROR_CODES, cut(text));
                case "userIdentity.type" -> type = text;
                case "userIdentity.accountId" -> account = text;
                case "userIdentity.invokedBy" -> service = text;
                case "resources.ARN", "resources.arn" ->
                        resource = resource == null ? text : resource;
                case "resources.ARNPrefix" -> prefix = prefix == null ? text : prefix;
                default -> {
                    // Nothing is counted by it.
                }
            }
        }

        private Traits traits() {
            String arn = resource == null ? prefix : resource;
            names.put(Dimension.RESOURCE_ARN, arn == null ? UNKNOWN : cut(whole(arn)));
            names.put(Dimension.USER_IDENTITY, cut(caller()));
            names.putIfAbsent(Dimension.EVENT_NAME, UNKNOWN);
            return new Traits(source, names);
        }

        /// An object's bucket; of other resources what is named.
        private static String whole(String arn) {
            int slash = arn.startsWith(BUCKET) ? arn.indexOf('/') : -1;
            return slash < 0 ? arn : arn.substring(0, slash);
        }

        /// Services have no account.
        private String caller() {
            String whose = account == null ? service : account;
            String kind = type == null ? UNKNOWN : type;
            return whose == null ? kind : kind + ':' + whose;
        }

        private static String cut(String text) {
            return text.length() <= NAME_CHARS_MAX ? text : text.substring(0, NAME_CHARS_MAX);
        }
    }
}
