/**
 * Secrets of eight characters and more that sprayers try first (the heads of the lists that leaks have made public; what
 * is shorter is refused by its length). NIST SP 800-63B 5.1.1.2 asks for a comparison with such a list, and against long
 * ones: each refusal must make sense to a customer.
 */
export const COMMON: ReadonlySet<string> = new Set(
  `12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 11111111 111111111 00000000 88888888 99999999
  12341234 11223344 123123123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 q1w2e3r4 q1w2e3r4t5 zaq12wsx qwertyui qwertyuiop
  qwerty123 qwerty12 qwerty1234 qwertz123 qwertzuiop azertyuiop asdfghjkl asdfasdf asdf1234 zxcvbnm1 zxcvbnm123 abcd1234
  abc12345 abcdefgh abcdefg1 a1234567 a12345678 aa123456 aa12345678 qq123456 password password1 password12 password123
  password1234 password! passw0rd p@ssw0rd p@ssword pa55word pa55w0rd passwort passwort1 passwort123 passport welcome1
  welcome123 welcome! letmein1 letmein123 iloveyou iloveyou1 iloveyou2 ilovegod sunshine sunshine1 princess princess1
  football football1 baseball baseball1 basketball superman superman1 batman123 spiderman starwars starwars1 pokemon1
  pokemon123 minecraft computer computer1 internet internet1 changeme changeme1 changeit trustno1 whatever whatever1
  master123 monkey123 dragon123 shadow123 michael1 jennifer jennifer1 jordan23 charlie1 jessica1 ashley123 samantha
  alexander elizabeth anthony1 victoria liverpool liverpool1 chelsea1 arsenal1 barcelona manchester juventus realmadrid
  cheesecake chocolate chocolate1 butterfly butterfly1 lovelove loveyou1 forever1 midnight december november september
  hallo123 schatz123 sommer123 winter123 summer123 spring123 autumn123 summer2024 summer2025 winter2024 winter2025
  frühling sonnenschein fußball1 geheim123 bonjour1 soleil123 motdepasse contraseña bienvenue teamo123 tequiero
  administrator admin123 admin1234 administrator1 root1234 test1234 testtest temp1234 default1 guest123 user1234 login123
  mail1234 email123 webmail1 outlook1 google123 facebook facebook1 linkedin samsung1 samsung123 nintendo playstation
  corvette mercedes mustang1 porsche1 ferrari1 yamaha123 harley123 blink182 metallica slipknot nirvana1 rammstein`.split(/\s+/),
);
