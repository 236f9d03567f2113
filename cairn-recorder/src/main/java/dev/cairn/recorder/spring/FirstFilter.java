package dev.cairn.recorder.spring;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;

/// A filter that comes before those that may refuse a request: refusals are recorded too.
final class FirstFilter implements Filter, Ordered {

    /// After the filters that set encodings and forwarded addresses right.
    private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 100;

    private final Filter filter;

    FirstFilter(Filter filter) {
        this.filter = filter;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        filter.doFilter(request, response, chain);
    }

    @Override
    public int getOrder() {
        return ORDER;
    }
}
