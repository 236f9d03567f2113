package dev.cairn.recorder.spring;

import dev.cairn.recorder.servlet.RecordingFilter;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// An example application that records its own API: a shop that takes orders.
///
/// Nothing in it speaks of recording but what its events are to say beyond the usual.
@SpringBootConfiguration
@EnableAutoConfiguration
public class OrderShop {
    final AtomicInteger orders = new AtomicInteger();

    /// Opens the shop, and says on which port.
    public static void main(String[] args) {
        var shop = SpringApplication.run(OrderShop.class, args);
        System.out.println("open at " + shop.getEnvironment().getProperty("local.server.port"));
    }

    /// Its API.
    @RestController
    class Orders {
        @PostMapping("/orders/{shop}")
        @Recorded(
                event = "CreateOrder",
                body = true,
                redact = "card.number",
                resources =
                        @Recorded.Resource(
                                type = "Shop::Order",
                                arn = "arn:shop:orders:{region}:{account}:shop/{shop}"))
        Map<String, Object> create(
                @PathVariable String shop,
                @RequestBody Map<String, Object> order,
                HttpServletRequest request) {
            var number = orders.incrementAndGet();
            RecordingFilter.note(request, event -> event.responseElement("orderId", number));
            return Map.of("orderId", number, "shop", shop, "items", order.getOrDefault("items", 0));
        }

        @GetMapping("/orders/{shop}/{orderId}")
        ResponseEntity<String> getOrder(@PathVariable String shop, @PathVariable int orderId) {
            return orderId <= orders.get()
                    ? ResponseEntity.ok("an order of " + shop)
                    : ResponseEntity.status(HttpStatus.NOT_FOUND).build();
        }

        @GetMapping("/later")
        Callable<String> answerLater() {
            return () -> "later";
        }

        @GetMapping("/broken")
        String breakDown() {
            throw new IllegalStateException("out of order");
        }

        @GetMapping("/health")
        @Unrecorded
        String health() {
            return "up";
        }
    }

    /// Who comes, by a header; a real shop has Spring Security here.
    @Bean
    Filter gatekeeper() {
        return (request, response, chain) -> {
            var http = (HttpServletRequest) request;
            var user = http.getHeader("X-User");
            if (user == null && !http.getRequestURI().equals("/health")) {
                ((HttpServletResponse) response).sendError(401);
                return;
            }
            chain.doFilter(
                    new HttpServletRequestWrapper(http) {
                        @Override
                        public @Nullable Principal getUserPrincipal() {
                            return user == null ? null : () -> user;
                        }
                    },
                    response);
        };
    }
}
