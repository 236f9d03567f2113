package dev.cairn.recorder.spring;

import dev.cairn.recorder.Recorder;
import dev.cairn.recorder.servlet.RecordingFilter;
import dev.cairn.recorder.servlet.Route;
import dev.cairn.recorder.servlet.Routes;
import dev.cairn.recorder.servlet.Who;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// Records an application's API once `cairn.recorder.endpoint` is set.
///
/// A bean of type [Recorder], [Routes] or [Who] takes the place of the one made here.
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnProperty("cairn.recorder.endpoint")
@EnableConfigurationProperties(RecorderProperties.class)
public class RecorderAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Recorder cairnRecorder(RecorderProperties properties, Environment environment) {
        var builder =
                Recorder.to(properties.endpoint(), Path.of(properties.spool()))
                        .account(
                                Objects.requireNonNull(
                                        properties.account(), "cairn.recorder.account"))
                        .region(properties.region())
                        .source(
                                properties.source() == null
                                        ? environment.getProperty(
                                                "spring.application.name", "application")
                                        : properties.source())
                        .spoolBytesMax(properties.spoolMax().toBytes())
                        .waitForRoom(properties.waitForRoom())
                        .closeWait(properties.closeWait())
                        .redact(properties.redact().toArray(String[]::new));
        if (properties.token() != null) {
            builder.token(properties.token());
        }
        if (properties.accessKeyId() != null) {
            builder.key(
                    properties.accessKeyId(),
                    Objects.requireNonNull(
                            properties.secretAccessKey(), "cairn.recorder.secret-access-key"));
        }
        return builder.open();
    }

    @Bean
    @ConditionalOnMissingBean
    Routes cairnRoutes(RecorderProperties properties) {
        var routes = new Routes();
        for (var said : properties.routes()) {
            var resources = new ArrayList<Route.Touched>();
            for (var resource : said.resources()) {
                var words = resource.split(" ", 2);
                if (words.length < 2) {
                    throw new IllegalArgumentException(
                            "expected a resource's type and ARN, got '" + resource + "'");
                }
                resources.add(new Route.Touched(words[0], words[1].strip()));
            }
            routes.add(
                    said.method(),
                    said.path(),
                    new Route(
                            said.event(),
                            said.readOnly(),
                            said.data(),
                            said.body(),
                            resources,
                            said.redact()));
        }
        return routes;
    }

    @Bean
    FirstFilter cairnRecordingFilter(Recorder recorder, Routes routes, ObjectProvider<Who> who) {
        return new FirstFilter(
                new RecordingFilter(
                        recorder, routes, who.getIfAvailable(() -> RecordingFilter::user), true));
    }

    @Bean
    WebMvcConfigurer cairnHandlerRecording(RecorderProperties properties) {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new HandlerRecording(properties.annotatedOnly()));
            }
        };
    }
}
