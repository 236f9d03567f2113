package dev.cairn.filter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pattern for JSON messages.
///
/// @param fields that the condition's numbers stand for
record JsonForm(Fields fields, Condition condition) implements FilterPattern.Form {
    @Override
    public boolean takes(LogMessage message) {
        return fields.read(message).map(condition::holds).orElse(false);
    }

    @Override
    public int steps() {
        return condition.steps();
    }

    @Override
    public Map<String, String> extracted(LogMessage message) {
        Map<String, String> extracted = new LinkedHashMap<>();
        Optional<Values> read = fields.read(message);
        if (read.isPresent()) {
            int field = 0;
            for (Selector selector : fields.selectors()) {
                List<Value> values = read.get().of(field++);
                if (!values.isEmpty() && values.getFirst().isScalar()) {
                    extracted.put(selector.text(), values.getFirst().text());
                }
            }
        }
        return extracted;
    }
}
