package dev.cairn.server.configuration;

import dev.cairn.server.GeneratedPage;
import org.junit.jupiter.api.Test;

class SettingsPageTest {

    @Test
    void the_page_of_settings_says_what_the_code_does() throws Exception {
        var page = new StringBuilder();
        page.append("# Settings\n\n");
        page.append(
                "Generated from the code. From the weakest source to the strongest: the default, ");
        page.append(
                "`cairn.properties` in the data folder (or `--config FILE`), the variable, `--set key=value`.\n\n");
        page.append(
                "Durations: `200ms`, `30s`, `15m`, `24h`, `90d`. Sizes: `256KB`, `16MB`, `1GB`, powers of 1024. ");
        page.append("An unknown key stops the start and names the nearest.\n\n");
        page.append("| key | default | meaning | variable |\n|---|---|---|---|\n");
        for (var setting : Setting.values()) {
            page.append(
                    "| `%s` | %s | %s | `%s` |\n"
                            .formatted(
                                    setting.key(),
                                    setting.defaultText().isEmpty()
                                            ? ""
                                            : "`" + setting.defaultText() + "`",
                                    setting.meaning(),
                                    setting.variable()));
        }
        GeneratedPage.check("operating/settings.md", page.toString());
    }
}
