package dev.cairn.queue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which queues may have a queue as their dead-letter queue: its `RedriveAllowPolicy`.
///
/// @param all whether every queue of the account and region may
/// @param sourceArns those that may, when not all; none for `denyAll`
record RedriveAllowance(boolean all, List<String> sourceArns) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int SOURCES_MAX = 10;

    boolean allows(QueueName source) {
        return all || sourceArns.contains(source.arn());
    }

    /// Reads `{"redrivePermission":"allowAll|denyAll|byQueue","sourceQueueArns":[…]}`.
    ///
    /// @return empty when it is not such an object
    static Optional<RedriveAllowance> of(String json) {
        String permission = "";
        List<String> arns = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("redrivePermission") && value == JsonToken.VALUE_STRING) {
                    permission = parser.getText();
                } else if (name.equals("sourceQueueArns") && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.VALUE_STRING) {
                        arns.add(parser.getText());
                    }
                    if (parser.currentToken() != JsonToken.END_ARRAY) {
                        return Optional.empty();
                    }
                } else {
                    return Optional.empty();
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                return Optional.empty();
            }
        } catch (IOException _) {
            return Optional.empty();
        }
        boolean byQueue = permission.equals("byQueue");
        if (byQueue ? arns.isEmpty() || arns.size() > SOURCES_MAX : !arns.isEmpty()) {
            return Optional.empty();
        }
        return switch (permission) {
            case "allowAll" -> Optional.of(new RedriveAllowance(true, List.of()));
            case "denyAll", "byQueue" ->
                    Optional.of(new RedriveAllowance(false, List.copyOf(arns)));
            default -> Optional.empty();
        };
    }
}
