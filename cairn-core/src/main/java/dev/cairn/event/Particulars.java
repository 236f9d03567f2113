package dev.cairn.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What event selectors ask of a record and [Event] does not carry. Reading it costs a pass over
/// the record, so it is read only for events that all cheaper questions have let through.
///
/// @param invokedBy `userIdentity.invokedBy`; empty when absent
/// @param inScopeOfSourceArn `userIdentity.inScopeOf.sourceArn`; empty when absent
/// @param sessionCredentialFromConsole `true` or empty
/// @param vpcEndpointId empty when absent
/// @param channelArn `metadata.channelARN`, of what came through a channel; empty when absent
/// @param resources the record's own list, in its order
public record Particulars(
        String invokedBy,
        String inScopeOfSourceArn,
        String sessionCredentialFromConsole,
        String vpcEndpointId,
        String channelArn,
        List<Touched> resources) {

    /// An item of the record's own `resources`, as it is written there.
    ///
    /// @param type such as `AWS::S3::Object`; empty when absent
    /// @param arn its `ARN`, or its `ARNPrefix` where it has no ARN; empty when it has neither
    public record Touched(String type, String arn) {}

    /// Reads a record.
    ///
    /// @param json an object that [EventReader] has read
    /// @throws IllegalArgumentException when the bytes are not a JSON object
    public static Particulars of(byte[] json) {
        try (JsonParser parser = EventReader.parser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            return new Pass(parser).read();
        } catch (IOException malformed) {
            throw new IllegalArgumentException("expected a JSON object", malformed);
        }
    }

    /// One pass; the parser stands on the record's first brace.
    private static final class Pass {
        private final JsonParser parser;
        private String invokedBy = "";
        private String sourceArn = "";
        private String fromConsole = "";
        private String vpcEndpointId = "";
        private String channelArn = "";
        private final List<Touched> resources = new ArrayList<>();

        private Pass(JsonParser parser) {
            this.parser = parser;
        }

        private Particulars read() throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (key) {
                    case "userIdentity" -> userIdentity(value);
                    case "sessionCredentialFromConsole" -> fromConsole = text(value);
                    case "vpcEndpointId" -> vpcEndpointId = text(value);
                    case "metadata" -> channelArn = member(value, "channelARN");
                    case "resources" -> resources(value);
                    default -> parser.skipChildren();
                }
            }
            return new Particulars(
                    invokedBy,
                    sourceArn,
                    fromConsole,
                    vpcEndpointId,
                    channelArn,
                    List.copyOf(resources));
        }

        private void userIdentity(JsonToken start) throws IOException {
            if (start != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (key) {
                    case "invokedBy" -> invokedBy = text(value);
                    case "inScopeOf" -> sourceArn = member(value, "sourceArn");
                    default -> parser.skipChildren();
                }
            }
        }

        /// A member of an object; empty where there is none.
        private String member(JsonToken start, String wanted) throws IOException {
            String found = "";
            if (start != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return found;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean meant = parser.currentName().equals(wanted);
                JsonToken value = parser.nextToken();
                if (meant) {
                    found = text(value);
                } else {
                    parser.skipChildren();
                }
            }
            return found;
        }

        private void resources(JsonToken start) throws IOException {
            if (start != JsonToken.START_ARRAY) {
                parser.skipChildren();
                return;
            }
            for (JsonToken item = parser.nextToken();
                    item != JsonToken.END_ARRAY;
                    item = parser.nextToken()) {
                if (item == JsonToken.START_OBJECT) {
                    resource();
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void resource() throws IOException {
            String type = "";
            String arn = "";
            String prefix = "";
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (key) {
                    case "type" -> type = text(value);
                    case "ARN", "arn" -> arn = text(value);
                    case "ARNPrefix" -> prefix = text(value);
                    default -> parser.skipChildren();
                }
            }
            resources.add(new Touched(type, arn.isEmpty() ? prefix : arn));
        }

        /// Empty for null and for what is no scalar, which is passed over.
        private String text(JsonToken value) throws IOException {
            if (value == JsonToken.VALUE_NULL || !value.isScalarValue()) {
                parser.skipChildren();
                return "";
            }
            return parser.getText();
        }
    }
}
