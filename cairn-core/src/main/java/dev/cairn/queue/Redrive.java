package dev.cairn.queue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/// Where messages go that nobody manages to work off: a queue's `RedrivePolicy`.
///
/// @param target the dead-letter queue, of the same account and region
/// @param receivesMax after how many receptions a message moves there instead of being received
///   once more, 1 to 1000
public record Redrive(QueueName target, int receivesMax) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int RECEIVES_MAX = 1000;

    /// Reads `{"deadLetterTargetArn":…,"maxReceiveCount":…}`; the count may be a text, as the
    /// console and old tools write it.
    ///
    /// @return empty when it is not such an object
    static Optional<Redrive> of(String json) {
        Optional<QueueName> target = Optional.empty();
        int receivesMax = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (!parser.nextToken().isScalarValue()) {
                    return Optional.empty();
                }
                switch (name) {
                    case "deadLetterTargetArn" -> target = QueueName.ofArn(parser.getText());
                    case "maxReceiveCount" -> receivesMax = Integer.parseInt(parser.getText());
                    default -> {
                        return Optional.empty();
                    }
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                return Optional.empty();
            }
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
        int count = receivesMax;
        return target.filter(_ -> count >= 1 && count <= RECEIVES_MAX)
                .map(queue -> new Redrive(queue, count));
    }
}
