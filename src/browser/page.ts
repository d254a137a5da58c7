import { enableInstallation } from './view/installation.ts';
import { enableLanguageChoice } from './view/language-choice.ts';

/** Entry of the pages that are texts. */

enableLanguageChoice();
enableInstallation();
