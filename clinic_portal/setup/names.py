"""Names of the demo clinic's people."""

GIVEN_NAMES = tuple(
    "Amara Noor Wei Ines Tom Priya Eva Sam Leila Mateo Hana Jonas Yuki Carmen Omar Freya Diego Asha Luca Zainab "
    "Elif Marta Kofi Sofie Ravi Naomi Pavel Aisha Bruno Keiko Tessa Malik Rosa Viktor Chloe Idris Mina Oscar Lucia "
    "Theo Farah Julian Anya Samuel Nadia Hugo Selma Kenji Alma David".split()
)
FAMILY_NAMES = tuple(
    "Reed Haddad Chen Costa Okafor Nair Lind Ortiz Rahimi Silva Mori Berg Tanaka Vega Farouk Dahl Reyes Iyer Romano "
    "Bello Kaya Nowak Mensah Jensen Sharma Klein Novak Malik Ferrari Sato Morgan Diallo Navarro Petrov Dubois Khan "
    "Aziz Lopez Brandt Moreau Rossi Schmidt Owusu Larsen Gupta Weber Santos Ali Nguyen Fischer".split()
)
