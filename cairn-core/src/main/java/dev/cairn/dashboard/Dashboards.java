package dev.cairn.dashboard;

import dev.cairn.access.Policy;
import dev.cairn.access.ResourcePolicy;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The dashboards of a catalog, and those that every account has. Any thread may call any method.
public final class Dashboards {
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    public static final int WIDGETS_MAX = 10;

    /// The most custom ones of an account and region: all are read to list them.
    private static final int CUSTOM_MAX = 100;

    /// The most tags of a dashboard.
    private static final int TAGS_MAX = 50;

    /// The most properties that a widget's view has; AWS says no number.
    static final int VIEW_MAX = 50;

    /// The longest name, and value, of a property of a view, in characters.
    static final int VIEW_TEXT_MAX = 2_000;

    /// What a dashboard's policy may be about.
    private static final Set<String> ASKED_BY = Set.of("cloudtrail:StartDashboardRefresh");

    private static final String KIND = "dashboard";
    private static final String REFRESH = "dashboard-refresh";
    private static final String TAG = "tag:";
    private static final String VIEW = "view:";

    private final Catalog catalog;

    public Dashboards(Catalog catalog) {
        this.catalog = catalog;
    }

    /// The dashboard of that account, region and name.
    public Optional<Dashboard> find(String account, String region, String name)
            throws CatalogException {
        Optional<Dashboard> managed = ManagedDashboards.find(account, region, name);
        return managed.isPresent()
                ? managed
                : dashboard(catalog.get(KIND, within(account, region) + name));
    }

    /// The dashboard of that account, region and name, as a transaction sees it.
    public Optional<Dashboard> find(Transaction tx, String account, String region, String name)
            throws CatalogException {
        Optional<Dashboard> managed = ManagedDashboards.find(account, region, name);
        return managed.isPresent()
                ? managed
                : dashboard(tx.get(KIND, within(account, region) + name));
    }

    /// All of an account in a region, in order of name.
    public List<Dashboard> of(String account, String region) throws CatalogException {
        List<Dashboard> all = new ArrayList<>(ManagedDashboards.of(account, region));
        for (Document document :
                catalog.list(KIND, within(account, region), "", Catalog.LIMIT_MAX)) {
            all.add(dashboard(document));
        }
        all.sort(Comparator.comparing(Dashboard::name));
        return List.copyOf(all);
    }

    /// The widget of an alias.
    public Optional<Widget> widget(String account, String region, String alias)
            throws CatalogException {
        return of(account, region).stream()
                .flatMap(dashboard -> dashboard.widgets().stream())
                .filter(widget -> widget.alias().equals(alias))
                .findFirst();
    }

    /// Makes a dashboard.
    ///
    /// @throws Failure CONFLICT when there is one of that name; SERVICE_QUOTA_EXCEEDED,
    ///   INVALID_TAG_PARAMETER
    public void create(Transaction tx, Dashboard dashboard) throws CatalogException {
        if (dashboard.name().startsWith(ManagedDashboards.PREFIX)) {
            throw new Failure(
                    ErrorCode.CONFLICT,
                    "Names that begin with %s are those of managed dashboards."
                            .formatted(ManagedDashboards.PREFIX));
        }
        if (tx.get(KIND, key(dashboard)).isPresent()) {
            throw new Failure(
                    ErrorCode.CONFLICT,
                    "A dashboard with the name %s already exists.".formatted(dashboard.name()));
        }
        String within = within(dashboard.account(), dashboard.region());
        if (tx.list(KIND, within, "", Catalog.LIMIT_MAX).size() >= CUSTOM_MAX) {
            throw exceeded("dashboards in an account and region", CUSTOM_MAX);
        }
        check(dashboard);
        tx.create(KIND, key(dashboard), json(dashboard));
        ScheduledRefreshes.note(tx, dashboard, Objects.requireNonNull(dashboard.created()));
    }

    /// Writes down a dashboard that was changed.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND; CONFLICT when it is a managed one;
    ///   SERVICE_QUOTA_EXCEEDED, INVALID_TAG_PARAMETER
    public void change(Transaction tx, Dashboard dashboard) throws CatalogException {
        check(dashboard);
        tx.replace(expect(tx, dashboard), json(dashboard));
        if (dashboard.updated() != null) {
            ScheduledRefreshes.note(tx, dashboard, dashboard.updated());
        }
    }

    /// Gives a dashboard a resource policy.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND; CONFLICT when it is a managed one;
    ///   RESOURCE_POLICY_NOT_VALID when it is none, or about something else
    public void guard(Transaction tx, Dashboard dashboard, String policy) throws CatalogException {
        Document document = expect(tx, dashboard);
        ResourcePolicy.check(policy, dashboard.arn(), ASKED_BY);
        tx.replace(document, json(dashboard.guarded(policy)));
    }

    /// Takes a dashboard's resource policy away.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, RESOURCE_POLICY_NOT_FOUND; CONFLICT when it is a managed
    ///   one
    public void unguard(Transaction tx, Dashboard dashboard) throws CatalogException {
        Document document = expect(tx, dashboard);
        if (dashboard.policy() == null) {
            throw new Failure(ErrorCode.RESOURCE_POLICY_NOT_FOUND);
        }
        tx.replace(document, json(dashboard.guarded(null)));
    }

    /// What a dashboard's policy says; [Policy#NONE] when it has none.
    public static Policy policy(Dashboard dashboard) throws CatalogException {
        return ResourcePolicy.of(dashboard.policy(), dashboard.arn());
    }

    /// Removes a dashboard.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND; CONFLICT when it is a managed one, or protected
    public void delete(Transaction tx, Dashboard dashboard) throws CatalogException {
        Document document = expect(tx, dashboard);
        if (dashboard.terminationProtected()) {
            throw new Failure(
                    ErrorCode.CONFLICT,
                    "The dashboard %s has termination protection.".formatted(dashboard.name()));
        }
        Optional<Document> refresh = tx.get(REFRESH, key(dashboard));
        if (refresh.isPresent()) {
            tx.delete(refresh.get());
        }
        ScheduledRefreshes.forget(tx, dashboard);
        tx.delete(document);
    }

    /// Writes down that a dashboard is refreshed.
    ///
    /// @return the refresh's id: digits, greater than that of the one before
    public String refresh(Dashboard dashboard, Instant now) throws CatalogException {
        return catalog.<String, RuntimeException>write(tx -> refresh(tx, dashboard, now));
    }

    static String refresh(Transaction tx, Dashboard dashboard, Instant now)
            throws CatalogException {
        Optional<Document> before = tx.get(REFRESH, key(dashboard));
        long id = now.toEpochMilli();
        if (before.isPresent()) {
            id = Math.max(id, Long.parseLong(Fields.of(before.get()).text("id")) + 1);
        }
        String json = Fields.none().with("id", Long.toString(id)).json();
        if (before.isPresent()) {
            tx.replace(before.get(), json);
        } else {
            tx.create(REFRESH, key(dashboard), json);
        }
        return Long.toString(id);
    }

    /// Writes down that a refresh could not be, unless there was another one since.
    static void failed(Transaction tx, Dashboard dashboard, String id, String failure)
            throws CatalogException {
        Optional<Document> last = tx.get(REFRESH, key(dashboard));
        if (last.isPresent() && Fields.of(last.get()).text("id").equals(id)) {
            tx.replace(last.get(), Fields.of(last.get()).with("failure", failure).json());
        }
    }

    /// A refresh.
    ///
    /// @param failure why it could not be; null when it could
    public record Refresh(String id, @Nullable String failure) {}

    /// The newest refresh.
    public Optional<Refresh> lastRefresh(Dashboard dashboard) throws CatalogException {
        Optional<Document> last = catalog.get(REFRESH, key(dashboard));
        if (last.isEmpty()) {
            return Optional.empty();
        }
        Fields fields = Fields.of(last.get());
        return Optional.of(new Refresh(fields.text("id"), fields.find("failure").orElse(null)));
    }

    private static void check(Dashboard dashboard) {
        if (dashboard.widgets().size() > WIDGETS_MAX) {
            throw exceeded("widgets of a dashboard", WIDGETS_MAX);
        }
        for (Widget widget : dashboard.widgets()) {
            if (widget.view().size() > VIEW_MAX) {
                throw exceeded("view properties of a widget", VIEW_MAX);
            }
            for (Map.Entry<String, String> property : widget.view().entrySet()) {
                if (Math.max(property.getKey().length(), property.getValue().length())
                        > VIEW_TEXT_MAX) {
                    throw exceeded("characters in a view property", VIEW_TEXT_MAX);
                }
            }
        }
        if (dashboard.tags().size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.INVALID_TAG_PARAMETER,
                    "Expected at most %d tags, got %d."
                            .formatted(TAGS_MAX, dashboard.tags().size()));
        }
    }

    private static Failure exceeded(String what, int max) {
        return new Failure(
                ErrorCode.SERVICE_QUOTA_EXCEEDED,
                "Expected at most %d %s, got one more.".formatted(max, what));
    }

    private static Document expect(Transaction tx, Dashboard dashboard) throws CatalogException {
        if (dashboard.managed()) {
            throw new Failure(
                    ErrorCode.CONFLICT,
                    "The dashboard %s is a managed one.".formatted(dashboard.name()));
        }
        return tx.get(KIND, key(dashboard))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "There is no dashboard %s.".formatted(dashboard.name())));
    }

    // ---- documents ------------------------------------------------------------------------------

    private static Optional<Dashboard> dashboard(Optional<Document> document)
            throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(dashboard(document.get()));
    }

    private static Dashboard dashboard(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        List<Widget> widgets = new ArrayList<>();
        int count = Integer.parseInt(fields.text("widgets"));
        for (int at = 0; at < count; at++) {
            widgets.add(widget(fields, at + ":"));
        }
        return new Dashboard(
                fields.text("account"),
                fields.text("region"),
                fields.text("name"),
                false,
                widgets,
                schedule(fields),
                Boolean.parseBoolean(fields.text("protected")),
                named(fields, TAG),
                fields.find("policy").orElse(null),
                Instant.parse(fields.text("created")),
                fields.find("updated").map(Instant::parse).orElse(null));
    }

    private static RefreshSchedule schedule(Fields fields) throws CatalogException {
        // Before there were schedules, none was written.
        return fields.find("refresh").isEmpty()
                ? RefreshSchedule.NONE
                : new RefreshSchedule(
                        Boolean.parseBoolean(fields.text("refresh")),
                        fields.find("refreshUnit").isEmpty()
                                ? null
                                : new RefreshSchedule.Frequency(
                                        RefreshSchedule.Unit.valueOf(fields.text("refreshUnit")),
                                        Integer.parseInt(fields.text("refreshValue"))),
                        LocalTime.parse(fields.text("refreshTime")));
    }

    private static Fields with(Fields fields, RefreshSchedule schedule) {
        Fields all =
                fields.with("refresh", Boolean.toString(schedule.enabled()))
                        .with("refreshTime", schedule.timeOfDay().toString());
        RefreshSchedule.Frequency frequency = schedule.frequency();
        return frequency == null
                ? all
                : all.with("refreshUnit", frequency.unit().name())
                        .with("refreshValue", Integer.toString(frequency.value()));
    }

    private static Widget widget(Fields fields, String at) throws CatalogException {
        List<String> parameters = new ArrayList<>();
        int count = Integer.parseInt(fields.text(at + "parameters"));
        for (int parameter = 0; parameter < count; parameter++) {
            parameters.add(fields.text(at + "parameter:" + parameter));
        }
        return new Widget(
                fields.text(at + "alias"),
                new QueryTemplate(fields.text(at + "statement"), parameters),
                named(fields, at + VIEW));
    }

    private static Map<String, String> named(Fields fields, String prefix) throws CatalogException {
        Map<String, String> named = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(prefix)) {
                named.put(name.substring(prefix.length()), fields.text(name));
            }
        }
        return named;
    }

    private static String json(Dashboard dashboard) {
        Fields fields =
                Fields.none()
                        .with("account", dashboard.account())
                        .with("region", dashboard.region())
                        .with("name", dashboard.name())
                        .with("protected", Boolean.toString(dashboard.terminationProtected()))
                        .with("created", String.valueOf(dashboard.created()))
                        .with("widgets", Integer.toString(dashboard.widgets().size()));
        fields = with(fields, dashboard.schedule());
        if (dashboard.policy() != null) {
            fields = fields.with("policy", dashboard.policy());
        }
        if (dashboard.updated() != null) {
            fields = fields.with("updated", dashboard.updated().toString());
        }
        for (Map.Entry<String, String> tag : dashboard.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        for (int at = 0; at < dashboard.widgets().size(); at++) {
            fields = with(fields, at + ":", dashboard.widgets().get(at));
        }
        return fields.json();
    }

    private static Fields with(Fields fields, String at, Widget widget) {
        List<String> parameters = widget.query().parameters();
        Fields all =
                fields.with(at + "alias", widget.alias())
                        .with(at + "statement", widget.query().statement())
                        .with(at + "parameters", Integer.toString(parameters.size()));
        for (int parameter = 0; parameter < parameters.size(); parameter++) {
            all = all.with(at + "parameter:" + parameter, parameters.get(parameter));
        }
        for (Map.Entry<String, String> view : widget.view().entrySet()) {
            all = all.with(at + VIEW + view.getKey(), view.getValue());
        }
        return all;
    }

    static String key(Dashboard dashboard) {
        return within(dashboard.account(), dashboard.region()) + dashboard.name();
    }

    /// The account's length comes first, so that no account's dashboards stand among another's.
    private static String within(String account, String region) {
        return account.length() + ":" + account + "/" + region + "/";
    }
}
