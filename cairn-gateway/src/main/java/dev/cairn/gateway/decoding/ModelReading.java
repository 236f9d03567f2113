package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.protocol.CallReader;
import dev.cairn.aws.protocol.CallReader.Asked;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.style.RecordStyle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Calls of services that have a model, read and shown by it.
///
/// @param reader of the wire
/// @param kinds read or write, management or data
record ModelReading(CallReader reader, Kinds kinds) {

    Named name(Asked asked) {
        String source = Habits.source(asked.model());
        String operation = asked.operation().name();
        return new Named(
                source + ".amazonaws.com",
                Habits.eventName(source, asked),
                kinds.readOnly(source, operation),
                kinds.management(source, operation));
    }

    DecodedCall decode(Asked asked, ObservedCall call, @Nullable String region, String account) {
        String source = Habits.source(asked.model());
        Named name = name(asked);
        RecordStyle style = Habits.style(source, asked);
        Optional<ObjectNode> input =
                call.requestBody().cut()
                        ? Optional.empty()
                        : reader.input(asked, call.request(), call.requestBody().bytes());
        Refused said = Refused.of(call.answer(), call.request().method());
        Refused refused =
                refused(
                        asked,
                        asked.protocol() == Protocol.QUERY ? said.withIdOf(call.answer()) : said);
        boolean failed = refused.code() != null;
        boolean shows =
                !failed
                        && (name.managementEvent()
                                ? !name.readOnly()
                                        || Habits.showsAnswer(source, asked.operation().name())
                                : Contents.answerShown(source, asked.operation().name()));
        Optional<ObjectNode> output =
                shows || (!failed && source.equals("kms"))
                        ? output(asked, call.answer())
                        : Optional.empty();
        return new DecodedCall(
                name,
                region,
                apiVersion(asked),
                parameters(asked, style, input),
                shows ? elements(asked, style, output) : repeated(asked, style, name, refused),
                refused.code(),
                refused.message(),
                refused.requestId(),
                new Touches(source, region == null ? "" : region, account)
                        .of(
                                asked.operation().name(),
                                input.orElseGet(JsonNodeFactory.instance::objectNode),
                                output.orElse(null)),
                null);
    }

    /// What cannot be read by its model is not shown: nobody could say what of it is secret.
    private static @Nullable JsonNode parameters(
            Asked asked, RecordStyle style, Optional<ObjectNode> input) {
        Optional<Shape.Structure> shape = asked.operation().input();
        return input.isPresent() && shape.isPresent()
                ? Limits.document(
                        Contents.without(
                                Habits.source(asked.model()),
                                asked.operation().name(),
                                style.show(input.get(), shape.get()),
                                style.secrets()))
                : null;
    }

    private static @Nullable JsonNode elements(
            Asked asked, RecordStyle style, Optional<ObjectNode> output) {
        Optional<Shape.Structure> shape = asked.operation().output();
        return output.isPresent() && shape.isPresent()
                ? Limits.document(inQuirks(asked, style.show(output.get(), shape.get())))
                : null;
    }

    /// Answers that are not shown as they are.
    private static JsonNode inQuirks(Asked asked, JsonNode elements) {
        String source = Habits.source(asked.model());
        if (Habits.unwraps(source)
                && elements.size() == 1
                && elements.elements().next().isObject()) {
            return elements.elements().next();
        }
        if (source.equals("secretsmanager") && elements.has("aRN")) {
            String name = asked.operation().name();
            if (name.equals("CreateSecret") || name.equals("PutSecretValue")) {
                return JsonNodeFactory.instance.objectNode().set("arn", elements.path("aRN"));
            }
        }
        return elements;
    }

    private static @Nullable JsonNode repeated(
            Asked asked, RecordStyle style, Named name, Refused refused) {
        return refused.message() != null
                        && !name.readOnly()
                        && Habits.repeatsRefusals(asked.protocol(), style)
                ? JsonNodeFactory.instance.objectNode().put("message", refused.message())
                : null;
    }

    private Optional<ObjectNode> output(Asked asked, Answer answer) {
        return answer instanceof Answer.Given given && !given.body().cut()
                ? reader.output(asked, given.status(), given.headers(), given.body().bytes())
                : Optional.empty();
    }

    /// CloudTrail calls errors as the API does, not as the query protocols shorten them, and has
    /// one name for being denied.
    private static Refused refused(Asked asked, Refused said) {
        if (said.code() == null) {
            return said;
        }
        return new Refused(
                switch (said.code()) {
                    case "AccessDeniedException" -> "AccessDenied";
                    case "ValidationError" -> "ValidationException";
                    case "Throttling" -> "ThrottlingException";
                    default -> apiName(asked, said.code());
                },
                said.message(),
                said.requestId());
    }

    private static String apiName(Asked asked, String code) {
        for (String error : asked.operation().errors()) {
            Optional<String> named =
                    asked.model()
                            .error(error)
                            .filter(shape ->
                                    shape.error()
                                            .flatMap(Shape.ErrorTrait::code)
                                            .filter(code::equals)
                                            .isPresent())
                            .map(Shape.Structure::name);
            if (named.isPresent()) {
                return named.get();
            }
        }
        return code;
    }

    private static @Nullable String apiVersion(Asked asked) {
        return asked.protocol() == Protocol.QUERY ? asked.model().metadata().apiVersion() : null;
    }
}
