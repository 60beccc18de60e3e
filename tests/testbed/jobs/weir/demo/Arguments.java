package weir.demo;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** "--key value" pairs. A key that nobody knows ends the program before a job is made of a typing error. */
final class Arguments {
    private final Map<String, String> values = new HashMap<>();

    Arguments(String[] words, Set<String> known) {
        if (words.length % 2 != 0) {
            throw new IllegalArgumentException("arguments come in pairs: --key value");
        }
        for (int i = 0; i < words.length; i += 2) {
            if (!words[i].startsWith("--") || !known.contains(words[i].substring(2))) {
                throw new IllegalArgumentException("unknown argument " + words[i] + "; known: " + known);
            }
            values.put(words[i].substring(2), words[i + 1]);
        }
    }

    String text(String key, String otherwise) {
        return values.getOrDefault(key, otherwise);
    }

    int number(String key, int otherwise) {
        return values.containsKey(key) ? Integer.parseInt(values.get(key)) : otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        return values.containsKey(key) ? Boolean.parseBoolean(values.get(key)) : otherwise;
    }
}
