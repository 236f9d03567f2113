package dev.cairn.watch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.event.Event;
import dev.cairn.event.EventFields;
import dev.cairn.event.EventReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether a call opened a bucket, or an object, to everyone, as far as its record says: by an
/// access control list, by a policy, or by taking away what forbids either.
///
/// It says what was asked for, not what is: an access block that stands may make it vain.
final class BucketOpening {
    /// The calls that may, by the names that records have.
    static final Set<String> NAMES =
            Set.of(
                    "PutBucketAcl",
                    "PutObjectAcl",
                    "CreateBucket",
                    "PutObject",
                    "CopyObject",
                    "CreateMultipartUpload",
                    "PutBucketPolicy",
                    "PutBucketPublicAccessBlock",
                    "DeleteBucketPublicAccessBlock",
                    "PutAccountPublicAccessBlock",
                    "DeleteAccountPublicAccessBlock");

    private static final String SOURCE = "s3.amazonaws.com";
    private static final String PARAMETERS = "requestParameters.";
    private static final Set<String> CANNED =
            Set.of("public-read", "public-read-write", "authenticated-read");
    private static final List<String> GROUPS =
            List.of("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers");
    private static final Set<String> BLOCKS =
            Set.of(
                    "BlockPublicAcls",
                    "IgnorePublicAcls",
                    "BlockPublicPolicy",
                    "RestrictPublicBuckets");

    /// Conditions by which a policy for everyone is one for some only, as S3 sees it
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
    private static final Set<String> NARROWING =
            Set.of(
                    "aws:sourceip",
                    "aws:sourcearn",
                    "aws:sourcevpc",
                    "aws:sourcevpce",
                    "aws:sourceowner",
                    "aws:sourceaccount",
                    "aws:principalorgid",
                    "aws:principalorgpaths",
                    "aws:principalarn",
                    "aws:principalaccount",
                    "aws:userid",
                    "s3:x-amz-server-side-encryption-aws-kms-key-id",
                    "s3:dataaccesspointarn",
                    "s3:dataaccesspointaccount");

    /// What narrows by values that stand for themselves. The others, those of `...IfExists` and
    /// `ForAllValues:` among them, hold for who lacks the member, or may.
    private static final Set<String> EQUALS =
            Set.of("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike");

    private static final String IN_RANGE = "ipaddress";
    private static final String ANY_OF = "foranyvalue:";
    private static final Pattern RANGE = Pattern.compile("([0-9a-fA-F.:]+)(?:/([0-9]{1,3}))?");

    /// Wider ranges of addresses narrow nothing, as S3 sees it.
    private static final int V4_BITS_MIN = 8;

    private static final int V6_BITS_MIN = 32;

    private static final JsonFactory JSON = new JsonFactory();

    private BucketOpening() {}

    static boolean opens(Event event) {
        return event.source().equals(SOURCE)
                && NAMES.contains(event.name())
                && event.errorCode() == null
                && switch (event.name()) {
                    case "DeleteBucketPublicAccessBlock", "DeleteAccountPublicAccessBlock" -> true;
                    case "PutBucketPublicAccessBlock", "PutAccountPublicAccessBlock" ->
                            hasOpenBlock(event);
                    case "PutBucketPolicy" -> hasOpenPolicy(event);
                    default -> hasOpenList(event);
                };
    }

    /// Looks at the values of a record's request.
    private interface Look {
        boolean isOpen(String path, String value);
    }

    private static boolean any(Event event, Look look) {
        boolean[] open = new boolean[1];
        EventFields.walk(
                event.json(),
                (path, _, value) ->
                        open[0] |=
                                !open[0]
                                        && path.startsWith(PARAMETERS)
                                        && look.isOpen(path, value));
        return open[0];
    }

    /// Whether a block is less than whole: a setting that is left out is off.
    private static boolean hasOpenBlock(Event event) {
        Set<String> on = new HashSet<>();
        boolean off =
                any(
                        event,
                        (path, value) -> {
                            String setting = path.substring(path.lastIndexOf('.') + 1);
                            if (!BLOCKS.contains(setting)) {
                                return false;
                            }
                            on.add(setting);
                            return !value.equalsIgnoreCase("true");
                        });
        return off || !on.equals(BLOCKS);
    }

    private static boolean hasOpenList(Event event) {
        return any(
                event,
                (path, value) ->
                        (path.equals(PARAMETERS + "x-amz-acl") && CANNED.contains(value))
                                || GROUPS.stream().anyMatch(value::contains));
    }

    // Policies.

    private static boolean hasOpenPolicy(Event event) {
        try (JsonParser parser = JSON.createParser(event.json())) {
            parser.nextToken();
            return tree(parser, 0) instanceof Map<?, ?> record
                    && record.get("requestParameters") instanceof Map<?, ?> parameters
                    && isOpen(parameters.get("bucketPolicy"));
        } catch (IOException _) {
            return true; // Nested too deeply, say: better looked at once too often.
        }
    }

    /// @param policy as an object, or as text
    private static boolean isOpen(@Nullable Object policy) {
        if (policy instanceof String text) {
            try (JsonParser parser = JSON.createParser(text)) {
                parser.nextToken();
                return tree(parser, 0) instanceof Map<?, ?> object && isOpen(object);
            } catch (IOException _) {
                return false; // No policy, which S3 refused.
            }
        }
        return policy instanceof Map<?, ?> object
                && list(object.get("Statement")).stream().anyMatch(BucketOpening::isOpenStatement);
    }

    private static boolean isOpenStatement(Object given) {
        return given instanceof Map<?, ?> statement
                && "Allow".equals(statement.get("Effect"))
                && (statement.containsKey("NotPrincipal") || isAnyone(statement.get("Principal")))
                && !isNarrowed(statement.get("Condition"));
    }

    private static boolean isAnyone(@Nullable Object principal) {
        return principal instanceof Map<?, ?> kinds
                ? list(kinds.get("AWS")).contains("*")
                : list(principal).contains("*");
    }

    /// Whether a condition is on one of the members that narrow, with values that do.
    private static boolean isNarrowed(@Nullable Object condition) {
        if (condition instanceof Map<?, ?> operators) {
            for (Map.Entry<?, ?> operator : operators.entrySet()) {
                String name = lower(operator.getKey());
                String plain = name.startsWith(ANY_OF) ? name.substring(ANY_OF.length()) : name;
                if (operator.getValue() instanceof Map<?, ?> members) {
                    for (Map.Entry<?, ?> member : members.entrySet()) {
                        List<Object> values = list(member.getValue());
                        if (NARROWING.contains(lower(member.getKey()))
                                && !values.isEmpty()
                                && values.stream().allMatch(value -> isNarrow(plain, value))) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    private static String lower(@Nullable Object name) {
        return String.valueOf(name).toLowerCase(Locale.ROOT);
    }

    /// Whether an operator holds for few with a value.
    private static boolean isNarrow(String operator, Object given) {
        String value = String.valueOf(given);
        if (EQUALS.contains(operator)) {
            return !value.contains("*") && !value.contains("?") && !value.contains("${");
        }
        Matcher range = RANGE.matcher(value);
        if (!operator.equals(IN_RANGE) || !range.matches()) {
            return false;
        }
        String bits = range.group(2);
        int least = value.contains(":") ? V6_BITS_MIN : V4_BITS_MIN;
        return bits == null || Integer.parseInt(bits) >= least;
    }

    /// What may stand alone or in a list.
    private static List<Object> list(@Nullable Object one) {
        if (one instanceof List<?> all) {
            return new ArrayList<>(all);
        }
        return one == null ? List.of() : List.of(one);
    }

    /// Objects as maps, arrays as lists, all else as text.
    private static Object tree(JsonParser parser, int depth) throws IOException {
        if (depth > EventReader.NESTING_MAX) {
            throw new IOException("nested too deeply");
        }
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> object = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                object.put(name, tree(parser, depth + 1));
            }
            return object;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<Object> array = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                array.add(tree(parser, depth + 1));
            }
            return array;
        }
        return String.valueOf(parser.getText());
    }
}
