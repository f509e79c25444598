"""The words of ten languages: names, small talk, and sentences that only sound like a bounce."""
import unicodedata

DOMAINS = ('example.org', 'example.net', 'example.com', 'firma.example', 'universite.example', 'tienda.example',
           'posta.example', 'dom.example', 'bank.example', 'verein.example', 'xn--mller-kva.example')

FIRST_NAMES = ('Anna', 'Ben', 'Chloé', 'Dmitri', 'Emilia', 'François', 'Giulia', 'Hiroshi', 'Inês', 'Jürgen',
               'Katarzyna', 'Lars', 'Mónica', 'Noor', 'Oksana', 'Piotr', 'Rosa', 'Søren', 'Tomoko', 'Wei', 'Zoë')
LAST_NAMES = ('Almeida', 'Bauer', 'Castillo', 'Dubois', 'Eriksson', 'Ferrari', 'González', 'Ito', 'Janssen',
              'Kowalska', 'Li', 'Müller', 'Novak', 'Okafor', 'Petrova', 'Rossi', 'Smith', 'Tanaka', 'Weiß', 'Zhang')

CHARSETS = {
    'en': ('us-ascii', 'utf-8', 'iso-8859-1'), 'de': ('iso-8859-1', 'utf-8', 'windows-1252'),
    'fr': ('iso-8859-15', 'utf-8', 'windows-1252'), 'es': ('iso-8859-1', 'utf-8'), 'it': ('iso-8859-1', 'utf-8'),
    'pt': ('iso-8859-1', 'utf-8', 'windows-1252'), 'nl': ('us-ascii', 'utf-8'), 'pl': ('iso-8859-2', 'utf-8'),
    'ru': ('koi8-r', 'windows-1251', 'utf-8'), 'ja': ('iso-2022-jp', 'shift_jis', 'euc-jp', 'utf-8'),
    'zh': ('gb2312', 'gbk', 'big5', 'utf-8'), 'sv': ('iso-8859-1', 'utf-8'),
}


def ascii_of(name):
    """The letters that a local part is made of."""
    spelt = unicodedata.normalize('NFKD', name.replace('ß', 'ss').replace('ø', 'o'))
    return ''.join(letter for letter in spelt.lower() if letter.isalnum() and letter < '\x7f') or 'x'


# tricky: {address} never failed; whoever believes these sentences blames somebody wrongly.
WORDS = {
    'en': {
        'hello': 'Dear', 'bye': 'Kind regards', 'subjects': (
            'Lunch on Friday?', 'Minutes of the meeting', 'Re: your question', 'Fwd: photos', 'Failure analysis report',
            'Returned goods', 'Delivery schedule', 'Undeliverable promises in the contract', 'Mail delivery in the office'),
        'talk': ('Thank you for the pleasant conversation yesterday.', 'Could you send me the figures by Thursday?',
                 'The train was late again, so I missed the start.', 'I attach the draft for your comments.',
                 'We look forward to seeing you in Lisbon.', 'The new version went live this morning.'),
        'tricky': ('The parcel for {address} could not be delivered, the recipient is unknown at that address.',
                   'My old address {address} is not in use any more, the mailbox is full anyway.',
                   'In the log I see "550 5.1.1 <{address}>: user unknown", what does that mean?',
                   'Our host {host} said: 421 try again later. The message could not be sent, but {address} has it now.',
                   'The following addresses failed our credit check: <{address}>')},
    'de': {
        'hello': 'Hallo', 'bye': 'Viele Grüße', 'subjects': (
            'Besprechung am Montag', 'Ihre Rückfrage', 'AW: Unterlagen', 'WG: Fotos', 'Fehlerbericht', 'Unzustellbare Briefe',
            'Zustellung der Pakete', 'Rücksendung Ihrer Ware'),
        'talk': ('Vielen Dank für das gute Gespräch gestern.', 'Können Sie mir die Zahlen bis Donnerstag schicken?',
                 'Der Zug hatte wieder Verspätung, deshalb kam ich zu spät.', 'Anbei der Entwurf, bitte um Rückmeldung.',
                 'Wir freuen uns auf das Wiedersehen in Köln.'),
        'tricky': ('Der Brief an {address} war unzustellbar, der Empfänger ist unbekannt verzogen.',
                   'Das Postfach von {address} ist voll, schreib ihm lieber eine SMS.',
                   'Im Log steht "550 5.1.1 <{address}>: Benutzer unbekannt", was bedeutet das?',
                   'Ihre Nachricht konnte nicht zugestellt werden, sagte {host} neulich zu mir; inzwischen geht es.')},
    'fr': {
        'hello': 'Bonjour', 'bye': 'Cordialement', 'subjects': (
            'Réunion de lundi', 'Votre question', 'RE: documents', 'TR: photos', 'Échec du test', 'Retour de colis',
            'Non remis : le courrier du bureau'),
        'talk': ('Merci pour cet échange très agréable hier.', 'Pourriez-vous m\'envoyer les chiffres avant jeudi ?',
                 'Le train avait encore du retard.', 'Vous trouverez le projet en pièce jointe.',
                 'Nous nous réjouissons de vous voir à Lyon.'),
        'tricky': ('La lettre pour {address} n\'a pas pu être remise, destinataire inconnu à cette adresse.',
                   'La boîte de {address} est pleine, appelez-le plutôt.',
                   'Le journal dit "550 5.1.1 <{address}>: utilisateur inconnu", pourquoi ?')},
    'es': {
        'hello': 'Hola', 'bye': 'Un saludo', 'subjects': (
            'Reunión del lunes', 'Su consulta', 'RE: documentos', 'RV: fotos', 'Informe de fallos', 'Devolución del pedido'),
        'talk': ('Gracias por la agradable conversación de ayer.', '¿Podría enviarme las cifras antes del jueves?',
                 'El tren llegó tarde otra vez.', 'Adjunto el borrador para sus comentarios.',
                 'Nos vemos pronto en Málaga.'),
        'tricky': ('La carta para {address} no se pudo entregar, destinatario desconocido.',
                   'El buzón de {address} está lleno, mejor llámale.',
                   'En el registro pone "550 5.1.1 <{address}>: usuario desconocido", ¿qué significa?')},
    'it': {
        'hello': 'Gentile', 'bye': 'Cordiali saluti', 'subjects': (
            'Riunione di lunedì', 'La sua domanda', 'R: documenti', 'I: foto', 'Mancata consegna del pacco'),
        'talk': ('Grazie per la piacevole conversazione di ieri.', 'Può inviarmi le cifre entro giovedì?',
                 'Il treno era di nuovo in ritardo.', 'Allego la bozza per i suoi commenti.',
                 'Ci vediamo presto a Forlì, così è più semplice.'),
        'tricky': ('La lettera per {address} non è stata consegnata, destinatario sconosciuto.',
                   'La casella di {address} è piena, meglio telefonare.',
                   'Nel log leggo "550 5.1.1 <{address}>: utente sconosciuto", cosa vuol dire?')},
    'pt': {
        'hello': 'Olá', 'bye': 'Atenciosamente', 'subjects': (
            'Reunião de segunda', 'Sua pergunta', 'RES: documentos', 'ENC: fotos', 'Falha na entrega da encomenda'),
        'talk': ('Obrigado pela conversa agradável de ontem.', 'Pode enviar-me os números até quinta-feira?',
                 'O comboio atrasou-se outra vez.', 'Segue em anexo o rascunho.', 'Até breve em São Paulo.'),
        'tricky': ('A carta para {address} não pôde ser entregue, destinatário desconhecido.',
                   'A caixa de correio de {address} está cheia, é melhor ligar.',
                   'No registo diz "550 5.1.1 <{address}>: utilizador desconhecido", o que significa?')},
    'nl': {
        'hello': 'Beste', 'bye': 'Met vriendelijke groet', 'subjects': (
            'Vergadering maandag', 'Uw vraag', 'Antw: stukken', 'Onbestelbare pakketten', 'Foutenrapport'),
        'talk': ('Bedankt voor het prettige gesprek gisteren.', 'Kunt u mij de cijfers voor donderdag sturen?',
                 'De trein had weer vertraging.', 'Het concept vindt u in de bijlage.', 'Tot ziens in Utrecht.'),
        'tricky': ('De brief aan {address} kon niet worden bezorgd, ontvanger onbekend.',
                   'Het postvak van {address} is vol, bel hem maar.',
                   'In het logboek staat "550 5.1.1 <{address}>: gebruiker onbekend", wat is dat?')},
    'pl': {
        'hello': 'Dzień dobry', 'bye': 'Pozdrawiam', 'subjects': (
            'Spotkanie w poniedziałek', 'Pańskie pytanie', 'Odp: dokumenty', 'Zwrot towaru', 'Raport błędów'),
        'talk': ('Dziękuję za miłą rozmowę wczoraj.', 'Czy może Pan przesłać liczby do czwartku?',
                 'Pociąg znowu się spóźnił.', 'W załączniku szkic do uwag.', 'Do zobaczenia w Łodzi.'),
        'tricky': ('Listu do {address} nie można było doręczyć, adresat nieznany.',
                   'Skrzynka {address} jest pełna, lepiej zadzwonić.',
                   'W logu widzę "550 5.1.1 <{address}>: nieznany użytkownik", co to znaczy?')},
    'ru': {
        'hello': 'Здравствуйте', 'bye': 'С уважением', 'subjects': (
            'Встреча в понедельник', 'Ваш вопрос', 'Re: документы', 'Возврат товара', 'Отчёт об ошибках'),
        'talk': ('Спасибо за приятную беседу вчера.', 'Не могли бы вы прислать цифры до четверга?',
                 'Поезд снова опоздал.', 'Во вложении черновик.', 'До встречи в Казани.'),
        'tricky': ('Письмо для {address} не было доставлено, получатель неизвестен.',
                   'Почтовый ящик {address} переполнен, лучше позвоните.',
                   'В журнале написано "550 5.1.1 <{address}>: пользователь не найден", что это значит?')},
    'ja': {
        'hello': '様', 'bye': 'よろしくお願いいたします。', 'subjects': (
            '月曜日の会議について', 'お問い合わせの件', 'Re: 資料', '返品のご案内', '配達できなかった荷物'),
        'talk': ('昨日はありがとうございました。', '木曜日までに数字を送っていただけますか。', '電車がまた遅れました。',
                 '下書きを添付します。', '京都でお会いできるのを楽しみにしています。'),
        'tricky': ('{address} 宛の手紙は配達できませんでした。宛先不明だそうです。',
                   '{address} のメールボックスは容量を超えています。電話してください。',
                   'ログに「550 5.1.1 <{address}>: User unknown」とありますが、どういう意味ですか。')},
    'zh': {
        'hello': '您好', 'bye': '此致敬礼', 'subjects': (
            '星期一的会议', '您的问题', '回复: 文件', '退货通知', '包裹无法投递'),
        'talk': ('谢谢您昨天的来访。', '请在星期四以前把数字发给我。', '火车又晚点了。', '附件是草稿。', '期待在北京见到您。'),
        'tricky': ('寄给 {address} 的信无法投递，收件人不存在。', '{address} 的邮箱已满，请打电话。',
                   '日志里有 "550 5.1.1 <{address}>: User unknown"，这是什么意思？')},
    'sv': {
        'hello': 'Hej', 'bye': 'Vänliga hälsningar', 'subjects': (
            'Möte på måndag', 'Din fråga', 'SV: underlag', 'Returnerat paket', 'Felrapport'),
        'talk': ('Tack för ett trevligt samtal i går.', 'Kan du skicka siffrorna senast torsdag?',
                 'Tåget var sent igen.', 'Utkastet bifogas.', 'Vi ses i Malmö.'),
        'tricky': ('Brevet till {address} kunde inte levereras, mottagaren är okänd.',
                   'Brevlådan hos {address} är full, ring i stället.',
                   'I loggen står "550 5.1.1 <{address}>: okänd användare", vad betyder det?')},
}
