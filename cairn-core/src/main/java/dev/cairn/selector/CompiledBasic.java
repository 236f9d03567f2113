package dev.cairn.selector;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.event.Particulars.Touched;
import dev.cairn.selector.EventSelector.DataResource;
import dev.cairn.selector.EventSelector.ReadWrite;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A basic selector made ready to ask.
final class CompiledBasic implements Selectors.Compiled {
    private final EventSelector selector;
    private final Set<String> excluded;
    private final List<Resources> resources;
    private final List<String> types;

    CompiledBasic(EventSelector selector) {
        this.selector = selector;
        excluded = Set.copyOf(new HashSet<>(selector.excludedSources()));
        resources = selector.dataResources().stream().map(Resources::of).toList();
        types = resources.stream().map(Resources::type).distinct().toList();
    }

    @Override
    public boolean takes(Look look) {
        Event event = look.event();
        if (!selector.readWrite().takes(event.readOnly())) {
            return false;
        }
        if (event.category() == Category.MANAGEMENT) {
            return selector.managementEvents() && !excluded.contains(event.source());
        }
        return event.category() == Category.DATA && !resources.isEmpty() && touches(look);
    }

    @Override
    public Verdict judge(byte[] json, Glance glance) {
        Boolean readOnly = glance.readOnly();
        if (readOnly != null && !selector.readWrite().takes(readOnly)) {
            return Verdict.REFUSED;
        }
        Category category = glance.category();
        if (category == null) {
            return Verdict.UNSURE;
        }
        if (category == Category.DATA) {
            return mayTouch(json, glance) ? Verdict.UNSURE : Verdict.REFUSED;
        }
        String source = glance.source();
        if (category != Category.MANAGEMENT
                || !selector.managementEvents()
                || (source != null && excluded.contains(source))) {
            return Verdict.REFUSED;
        }
        boolean sure =
                (readOnly != null || selector.readWrite() == ReadWrite.ALL)
                        && (source != null || excluded.isEmpty());
        return sure ? Verdict.TAKEN : Verdict.UNSURE;
    }

    private boolean mayTouch(byte[] json, Glance glance) {
        for (String type : types) {
            if (glance.mayTouch(json, type)) {
                return true;
            }
        }
        return false;
    }

    private boolean touches(Look look) {
        if (types.stream().noneMatch(look::mayMention)) {
            return false;
        }
        for (Touched touched : look.particulars().resources()) {
            for (Resources wanted : resources) {
                if (wanted.take(touched)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public boolean wantsDataEvents() {
        return resources.stream()
                .anyMatch(r -> r.all() || !r.prefixes().isEmpty() || !r.whole().isEmpty());
    }

    /// @param all whether every resource of the type is meant
    /// @param prefixes of ARNs
    /// @param whole ARNs
    private record Resources(String type, boolean all, List<String> prefixes, Set<String> whole) {

        static Resources of(DataResource resource) {
            boolean all =
                    resource.values().stream()
                            .anyMatch(value -> Rules.meansAll(resource.type(), value));
            return resource.type().equals(Rules.S3_OBJECT)
                    ? new Resources(resource.type(), all, resource.values(), Set.of())
                    : new Resources(
                            resource.type(),
                            all,
                            List.of(),
                            Set.copyOf(new HashSet<>(resource.values())));
        }

        boolean take(Touched touched) {
            return touched.type().equals(type)
                    && (all || whole.contains(touched.arn()) || startsAsOne(touched.arn()));
        }

        private boolean startsAsOne(String arn) {
            for (String prefix : prefixes) {
                if (arn.startsWith(prefix)) {
                    return true;
                }
            }
            return false;
        }
    }
}
