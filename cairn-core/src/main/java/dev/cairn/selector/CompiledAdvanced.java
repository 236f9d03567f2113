package dev.cairn.selector;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.event.Particulars.Touched;
import dev.cairn.selector.AdvancedEventSelector.FieldSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An advanced selector made ready to ask: its conditions sorted by what they cost.
final class CompiledAdvanced implements Selectors.Compiled {
    private final Category category;
    private final List<FieldSelector> cheap = new ArrayList<>();
    private final List<FieldSelector> dear = new ArrayList<>();
    private final List<FieldSelector> types = new ArrayList<>();
    private final List<FieldSelector> arns = new ArrayList<>();

    /// @param selector that [Rules] have passed
    CompiledAdvanced(AdvancedEventSelector selector) {
        category =
                switch (Rules.category(selector)) {
                    case "Management" -> Category.MANAGEMENT;
                    case "Data" -> Category.DATA;
                    case Rules.ACTIVITY -> Category.ACTIVITY_AUDIT_LOG;
                    default -> Category.NETWORK_ACTIVITY;
                };
        for (FieldSelector field : selector.fields()) {
            switch (field.field()) {
                case "eventCategory" -> {}
                case "resources.type" -> types.add(field);
                case "resources.ARN" -> arns.add(field);
                case "sessionCredentialFromConsole", "vpcEndpointId" -> dear.add(field);
                default -> cheap.add(field);
            }
        }
    }

    @Override
    public boolean takes(Look look) {
        Event event = look.event();
        if (event.category() != category) {
            return false;
        }
        for (FieldSelector field : cheap) {
            if (!field.takes(value(event, field.field()))) {
                return false;
            }
        }
        for (FieldSelector field : types) {
            if (!look.mayMention(field.equalTo().getFirst())) {
                return false;
            }
        }
        for (FieldSelector field : dear) {
            String value =
                    field.field().equals("vpcEndpointId")
                            ? look.particulars().vpcEndpointId()
                            : look.particulars().sessionCredentialFromConsole();
            if (!field.takes(value)) {
                return false;
            }
        }
        return (types.isEmpty() && arns.isEmpty()) || touches(look);
    }

    @Override
    public Verdict judge(byte[] json, Glance glance) {
        Category seen = glance.category();
        if (seen != null && seen != category) {
            return Verdict.REFUSED;
        }
        boolean sure = seen != null && dear.isEmpty() && types.isEmpty() && arns.isEmpty();
        for (FieldSelector field : cheap) {
            String value = value(glance, field.field());
            if (value == null) {
                sure = false;
            } else if (!field.takes(value)) {
                return Verdict.REFUSED;
            }
        }
        for (FieldSelector field : types) {
            if (!glance.mayTouch(json, field.equalTo().getFirst())) {
                return Verdict.REFUSED;
            }
        }
        return sure ? Verdict.TAKEN : Verdict.UNSURE;
    }

    /// Null when it cannot be told.
    private static @Nullable String value(Glance glance, String field) {
        return switch (field) {
            case "readOnly" -> {
                Boolean readOnly = glance.readOnly();
                yield readOnly == null ? null : readOnly.toString();
            }
            case "eventName" -> glance.name();
            case "eventSource" -> glance.source();
            case "eventType" -> glance.type();
            default -> null;
        };
    }

    private static String value(Event event, String field) {
        return switch (field) {
            case "readOnly" -> Boolean.toString(event.readOnly());
            case "eventName" -> event.name();
            case "eventSource" -> event.source();
            case "eventType" -> event.type();
            case "errorCode" -> Objects.requireNonNullElse(event.errorCode(), "");
            case "userIdentity.arn" -> Objects.requireNonNullElse(event.principalArn(), "");
            default -> throw new IllegalStateException("expected a checked field, got " + field);
        };
    }

    private boolean touches(Look look) {
        for (Touched touched : look.particulars().resources()) {
            if (all(types, touched.type()) && all(arns, touched.arn())) {
                return true;
            }
        }
        return false;
    }

    private static boolean all(List<FieldSelector> fields, String value) {
        for (FieldSelector field : fields) {
            if (!field.takes(value)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean wantsDataEvents() {
        return category == Category.DATA;
    }
}
