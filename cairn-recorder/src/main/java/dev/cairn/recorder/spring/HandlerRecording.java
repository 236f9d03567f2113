package dev.cairn.recorder.spring;

import dev.cairn.recorder.RecordingException;
import dev.cairn.recorder.servlet.RecordingFilter;
import dev.cairn.recorder.servlet.Route;
import dev.cairn.recorder.servlet.Routes;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/// Tells the filter which method of a controller handles a request, and what that is recorded as;
/// and who the user is, whom filters before the application may have found out only now.
final class HandlerRecording implements HandlerInterceptor {
    private final boolean annotatedOnly;
    private final Map<Method, Optional<Route>> routes = new ConcurrentHashMap<>();

    HandlerRecording(boolean annotatedOnly) {
        this.annotatedOnly = annotatedOnly;
    }

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        if (request.getDispatcherType() == DispatcherType.ERROR
                || !(handler instanceof HandlerMethod method)) {
            return true;
        }
        var route = routes.computeIfAbsent(method.getMethod(), known -> route(method));
        if (route.isEmpty()) {
            return true;
        }
        try {
            RecordingFilter.take(request, new Routes.Match(route.get(), variables(request)));
            return true;
        } catch (RecordingException noRoom) {
            RecordingFilter.pushBack(response);
            return false;
        }
    }

    private Optional<Route> route(HandlerMethod method) {
        var said = AnnotatedElementUtils.findMergedAnnotation(method.getMethod(), Recorded.class);
        if (AnnotatedElementUtils.hasAnnotation(method.getMethod(), Unrecorded.class)
                || AnnotatedElementUtils.hasAnnotation(method.getBeanType(), Unrecorded.class)
                || (said == null && (annotatedOnly || springs(method)))) {
            return Optional.empty();
        }
        var name = method.getMethod().getName();
        var usual = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        return Optional.of(said == null ? Route.named(usual) : route(said, usual));
    }

    /// Spring's own pages: errors, health.
    private static boolean springs(HandlerMethod method) {
        return method.getBeanType().getName().startsWith("org.springframework.");
    }

    private static Route route(Recorded said, String usualName) {
        List<Route.Touched> resources = new ArrayList<>();
        for (var resource : said.resources()) {
            resources.add(new Route.Touched(resource.type(), resource.arn()));
        }
        return new Route(
                said.event().isEmpty() ? usualName : said.event(),
                switch (said.effect()) {
                    case BY_METHOD -> null;
                    case READS -> true;
                    case WRITES -> false;
                },
                said.data(),
                said.body(),
                resources,
                List.of(said.redact()));
    }

    private static Map<String, String> variables(HttpServletRequest request) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                instanceof Map<?, ?> found) {
            found.forEach(
                    (name, value) -> variables.put(String.valueOf(name), String.valueOf(value)));
        }
        return variables;
    }
}
