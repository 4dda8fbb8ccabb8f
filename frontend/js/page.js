// Everything a page does by itself. Each part is alone and does nothing where its elements are missing.
import { keepDrafts } from "./parts/drafts.js";
import { watchFiles } from "./parts/files.js";
import { guardForms } from "./parts/forms.js";
import { bindKeys } from "./parts/keys.js";
import { closeMenus } from "./parts/menus.js";
import { watchNavigation } from "./parts/navigation.js";
import { watchNetwork } from "./parts/network.js";

bindKeys();
closeMenus();
guardForms();
keepDrafts();
watchFiles();
watchNavigation();
watchNetwork();
