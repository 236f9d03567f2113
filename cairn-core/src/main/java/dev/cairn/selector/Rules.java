package dev.cairn.selector;

import static dev.cairn.selector.Selectors.refused;

import com.google.re2j.Pattern;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.selector.AdvancedEventSelector.FieldSelector;
import dev.cairn.selector.EventSelector.DataResource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What a trail or an event data store may be told, and AWS's refusal where it may not:
/// InvalidEventSelectorsException.
///
/// Source: AWS CloudTrail API Reference, PutEventSelectors, DataResource and AdvancedFieldSelector;
/// AWS CloudTrail User Guide, logging data events and logging network activity events.
enum Rules {
    /// A trail.
    TRAIL,
    /// An event data store, which may ask more of management events, and less of network activity.
    STORE;

    /// What comes through channels.
    static final String ACTIVITY = "ActivityAuditLog";

    static final String S3_OBJECT = "AWS::S3::Object";
    private static final String LAMBDA_FUNCTION = "AWS::Lambda::Function";
    private static final String DYNAMODB_TABLE = "AWS::DynamoDB::Table";

    /// Management events of services that make more of them than most people want.
    private static final Set<String> EXCLUDABLE =
            Set.of("kms.amazonaws.com", "rdsdata.amazonaws.com");

    private static final Map<String, Pattern> ALL =
            Map.of(
                    S3_OBJECT, Pattern.compile("arn:aws[a-z-]*:s3(:::)?"),
                    LAMBDA_FUNCTION, Pattern.compile("arn:aws[a-z-]*:lambda"),
                    DYNAMODB_TABLE, Pattern.compile("arn:aws[a-z-]*:dynamodb"));

    private static final Map<String, Pattern> ONE =
            Map.of(
                    S3_OBJECT, Pattern.compile("arn:aws[a-z-]*:s3:::[^/]+/.*"),
                    LAMBDA_FUNCTION,
                            Pattern.compile("arn:aws[a-z-]*:lambda:[^:]+:\\d{12}:function:.+"),
                    DYNAMODB_TABLE,
                            Pattern.compile("arn:aws[a-z-]*:dynamodb:[^:]+:\\d{12}:table/.+"));

    private static final Pattern TYPE = Pattern.compile("AWS::\\w+::\\w+");
    private static final Pattern SOURCE = Pattern.compile("[a-z0-9_.-]+\\.amazonaws\\.com");
    private static final Pattern ARN = Pattern.compile("arn:[^:]*:[^:]+:[^:]*:[^:]*:.+");

    private static final Map<String, Set<String>> FIELDS =
            Map.of(
                    "Management",
                    Set.of("eventCategory", "readOnly", "eventSource"),
                    "Data",
                    Set.of(
                            "eventCategory",
                            "resources.type",
                            "resources.ARN",
                            "readOnly",
                            "eventName",
                            "eventSource",
                            "eventType",
                            "sessionCredentialFromConsole",
                            "userIdentity.arn"),
                    "NetworkActivity",
                    Set.of(
                            "eventCategory",
                            "eventSource",
                            "eventName",
                            "errorCode",
                            "vpcEndpointId",
                            "userIdentity.arn"));

    private static final Map<String, Set<String>> STORE_FIELDS =
            Map.of(
                    "Management",
                    Set.of(
                            "eventCategory",
                            "readOnly",
                            "eventSource",
                            "eventName",
                            "eventType",
                            "sessionCredentialFromConsole",
                            "userIdentity.arn"),
                    "Data",
                    Objects.requireNonNull(FIELDS.get("Data")),
                    "NetworkActivity",
                    Set.of(
                            "eventCategory",
                            "eventSource",
                            "eventName",
                            "errorCode",
                            "vpcEndpointId"),
                    ACTIVITY,
                    Set.of("eventCategory"));

    /// Of AWS's event data stores; what would be in them is not recorded here.
    private static final Set<String> STORE_NOT_BUILT =
            Set.of("Insight", "ConfigurationItem", "Evidence");

    private static final Set<String> EQUALS_ONLY =
            Set.of("eventCategory", "readOnly", "resources.type", "errorCode");

    // Basic selectors.

    static void checkBasic(List<EventSelector> selectors) {
        if (selectors.isEmpty() || selectors.size() > Selectors.BASIC_MAX) {
            throw refused(
                    "Expected 1 to %d event selectors, got %d."
                            .formatted(Selectors.BASIC_MAX, selectors.size()));
        }
        int values = 0;
        for (EventSelector selector : selectors) {
            checkExcluded(selector);
            for (DataResource resource : selector.dataResources()) {
                values += checkResource(resource);
            }
        }
        if (values > Selectors.DATA_VALUES_MAX) {
            throw refused(
                    "Expected at most %d data resources over all event selectors, got %d."
                            .formatted(Selectors.DATA_VALUES_MAX, values));
        }
    }

    private static void checkExcluded(EventSelector selector) {
        for (String source : selector.excludedSources()) {
            if (!EXCLUDABLE.contains(source)) {
                throw refused(
                        "Value %s for ExcludeManagementEventSources is invalid: expected kms.amazonaws.com or rdsdata.amazonaws.com."
                                .formatted(source));
            }
        }
        if (!selector.excludedSources().isEmpty() && !selector.managementEvents()) {
            throw refused(
                    "ExcludeManagementEventSources can only be used when IncludeManagementEvents is true.");
        }
    }

    /// @return how many of its values count towards the limit
    private static int checkResource(DataResource resource) {
        Pattern one = ONE.get(resource.type());
        if (one == null) {
            throw refused(
                    "Value %s for DataResources.Type is invalid: expected %s, %s or %s; other types need advanced event selectors."
                            .formatted(
                                    resource.type(), S3_OBJECT, LAMBDA_FUNCTION, DYNAMODB_TABLE));
        }
        int values = 0;
        for (String value : resource.values()) {
            if (!meansAll(resource.type(), value)) {
                values++;
                if (!one.matches(value)) {
                    throw refused(
                            "Value %s for DataResources.Values is invalid for the type %s."
                                    .formatted(value, resource.type()));
                }
            }
        }
        return values;
    }

    /// Whether a value stands for all resources of its type.
    static boolean meansAll(String type, String value) {
        Pattern all = ALL.get(type);
        return all != null && all.matches(value);
    }

    // Advanced selectors.

    void checkAdvanced(List<AdvancedEventSelector> selectors) {
        if (selectors.isEmpty()) {
            throw refused("Expected at least one advanced event selector, got none.");
        }
        if (this == STORE && selectors.size() > Selectors.STORE_MAX) {
            throw refused(
                    "Expected at most %d advanced event selectors for an event data store, got %d."
                            .formatted(Selectors.STORE_MAX, selectors.size()));
        }
        int values = 0;
        for (AdvancedEventSelector selector : selectors) {
            if (selectors.size() > 1 && category(selector).equals(ACTIVITY)) {
                throw refused(
                        "Events of the category %s are taken by one selector, which is alone."
                                .formatted(ACTIVITY));
            }
            checkSelector(selector);
            for (FieldSelector field : selector.fields()) {
                values += field.values();
            }
        }
        if (values > Selectors.ADVANCED_VALUES_MAX) {
            throw refused(
                    "Expected at most %d values over all advanced event selectors, got %d."
                            .formatted(Selectors.ADVANCED_VALUES_MAX, values));
        }
    }

    private void checkSelector(AdvancedEventSelector selector) {
        String category = category(selector);
        if (this == STORE && STORE_NOT_BUILT.contains(category)) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "Cairn's event data stores do not take events of the category %s yet; docs/gaps.md says what is missing and why"
                            .formatted(category));
        }
        Set<String> allowed = (this == STORE ? STORE_FIELDS : FIELDS).get(category);
        if (allowed == null) {
            throw refused(
                    "Value %s for eventCategory is invalid: %s."
                            .formatted(
                                    category,
                                    this == STORE
                                            ? "an event data store takes Management, Data, NetworkActivity and ActivityAuditLog"
                                            : "a trail takes Management, Data and NetworkActivity"));
        }
        for (FieldSelector field : selector.fields()) {
            if (!allowed.contains(field.field())) {
                throw refused(
                        "Field %s is not supported for the event category %s."
                                .formatted(field.field(), category));
            }
            checkField(field, category);
        }
        switch (category) {
            case "Data" -> only(selector, "resources.type");
            case "NetworkActivity" -> only(selector, "eventSource");
            default -> {
                // Management events need no more than their category.
            }
        }
    }

    /// The category that a selector is for.
    static String category(AdvancedEventSelector selector) {
        return only(selector, "eventCategory");
    }

    /// The one value of a field that a selector must have once.
    private static String only(AdvancedEventSelector selector, String name) {
        List<FieldSelector> found =
                selector.fields().stream().filter(field -> field.field().equals(name)).toList();
        if (found.size() != 1
                || found.getFirst().values() != 1
                || found.getFirst().equalTo().size() != 1) {
            throw refused(
                    "Expected one field %s with one value for Equals in each advanced event selector."
                            .formatted(name));
        }
        return found.getFirst().equalTo().getFirst();
    }

    private void checkField(FieldSelector field, String category) {
        if (field.values() == 0) {
            throw refused("Field %s: expected at least one operator.".formatted(field.field()));
        }
        if (EQUALS_ONLY.contains(field.field()) && field.equalTo().size() != field.values()) {
            throw refused("Field %s: only Equals is supported.".formatted(field.field()));
        }
        switch (field.field()) {
            case "readOnly" -> each(field, field.equalTo(), Pattern.compile("true|false"));
            case "errorCode" -> each(field, field.equalTo(), Pattern.compile("VpceAccessDenied"));
            case "resources.type" -> each(field, field.equalTo(), TYPE);
            case "resources.ARN" -> {
                each(field, field.equalTo(), ARN);
                each(field, field.notEqualTo(), ARN);
            }
            case "sessionCredentialFromConsole" -> {
                equalOrNot(field);
                each(field, field.equalTo(), Pattern.compile("true"));
                each(field, field.notEqualTo(), Pattern.compile("true"));
            }
            case "eventSource" -> checkSource(field, category);
            default -> {
                // Any operator, any value.
            }
        }
    }

    private void checkSource(FieldSelector field, String category) {
        switch (category) {
            case "Management" -> {
                if (this == STORE) {
                    return;
                }
                if (field.notEqualTo().size() != field.values()) {
                    throw refused(
                            "Field eventSource: only NotEquals is supported for management events of a trail.");
                }
                for (String source : field.notEqualTo()) {
                    if (!EXCLUDABLE.contains(source)) {
                        throw refused(
                                "Value %s for eventSource is invalid: expected kms.amazonaws.com or rdsdata.amazonaws.com."
                                        .formatted(source));
                    }
                }
            }
            case "NetworkActivity" -> each(field, field.equalTo(), SOURCE);
            default -> {
                // Any operator, any value.
            }
        }
    }

    private static void equalOrNot(FieldSelector field) {
        if (field.equalTo().size() + field.notEqualTo().size() != field.values()) {
            throw refused(
                    "Field %s: only Equals and NotEquals are supported.".formatted(field.field()));
        }
    }

    private static void each(FieldSelector field, List<String> values, Pattern pattern) {
        for (String value : values) {
            if (!pattern.matches(value)) {
                throw refused("Value %s for %s is invalid.".formatted(value, field.field()));
            }
        }
    }
}
